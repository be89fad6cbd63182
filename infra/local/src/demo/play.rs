//! Plays the day. Everything is made under a name that the script fixes, so playing a part again changes nothing.

use super::client::Client;
use super::script::{self, OUTAGE_WAVE, Place, Sale, Twist, WAVE};
use super::stage::Stage;
use crate::Failure;
use crate::terminal::say;
use futures_util::{StreamExt as _, TryStreamExt as _};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// Control calls at once.
const AT_ONCE: usize = 4;
/// How long the shop is watched going down.
const PAUSE_LOOKS: u32 = 60;
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// Plays what a run before this one has not played.
pub(super) async fn day(stage: &Stage) -> Result<(), Failure> {
    let sales: Vec<Sale> = script::sales().collect();
    futures_util::try_join!(waves(stage, &sales), doomed(stage, &sales))?;
    at_once(&sales, |sale| evening(stage, sale)).await?;
    for stray in script::strays() {
        stage.vendors.make("/_sandbox/documents", &stray.document_wish()).await?;
        announce_document(stage, &stray.document, 1).await?;
    }
    Ok(())
}

async fn waves(stage: &Stage, sales: &[Sale]) -> Result<(), Failure> {
    for (wave, sales) in (0..).zip(sales.chunks(WAVE as usize)) {
        if wave < stage.played()? {
            continue;
        }
        let outage = if wave == OUTAGE_WAVE { Some(take_shop_down(stage).await?) } else { None };
        at_once(sales, |sale| morning(stage, sale)).await?;
        if let Some(fault) = outage {
            bring_shop_back(stage, &fault).await?;
        }
        stage.note_played(wave + 1)?;
    }
    Ok(())
}

/// What fails for good is invoiced once its tracking number is there: an invoice that may or may not have arrived keeps
/// everything else of its order waiting.
async fn doomed(stage: &Stage, sales: &[Sale]) -> Result<(), Failure> {
    for sale in sales.iter().filter(|sale| sale.twist.is_doomed()) {
        while !is_tracked(stage, *sale).await? {
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        invoice(stage, *sale).await?;
    }
    Ok(())
}

async fn is_tracked(stage: &Stage, sale: Sale) -> Result<bool, Failure> {
    let path = format!("/api/v1/exports?operation=send_tracking&state=delivered&document={}", sale.tracking());
    let found = stage.api.get(&path).await?;
    Ok(found["exports"].as_array().is_some_and(|exports| !exports.is_empty()))
}

async fn at_once<'a, F>(sales: &'a [Sale], play: impl Fn(Sale) -> F + 'a) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Failure>> + 'a,
{
    let played = futures_util::stream::iter(sales.iter().map(|sale| play(*sale)));
    played.buffer_unordered(AT_ONCE).try_collect().await
}

/// The order comes in, is invoiced and leaves, as far as its twist lets it.
async fn morning(stage: &Stage, sale: Sale) -> Result<(), Failure> {
    if sale.twist != Twist::EarlyTracking {
        make_order(stage, sale).await?;
        if sale.twist != Twist::LateInvoice && !sale.twist.is_doomed() {
            invoice(stage, sale).await?;
        }
    }
    stage.vendors.make("/_sandbox/parcels", &sale.parcel_wish()).await?;
    let hook = json!({"vendor": "sendcloud", "url": stage.webhook("courier", "parcels"), "parcel": sale.tracking()});
    emit(&stage.vendors, &hook).await
}

/// What was late comes.
async fn evening(stage: &Stage, sale: Sale) -> Result<(), Failure> {
    match sale.twist {
        Twist::EarlyTracking => {
            make_order(stage, sale).await?;
            invoice(stage, sale).await
        }
        Twist::LateInvoice => invoice(stage, sale).await,
        _ => Ok(()),
    }
}

async fn make_order(stage: &Stage, sale: Sale) -> Result<(), Failure> {
    stage.vendors.make("/_sandbox/orders", &sale.order_wish()).await?;
    if sale.place == Place::Shop && sale.twist.is_doomed() {
        spoil_shop_invoice(&stage.vendors, sale).await?;
    }
    Ok(())
}

async fn invoice(stage: &Stage, sale: Sale) -> Result<(), Failure> {
    stage.vendors.make("/_sandbox/documents", &sale.document_wish()).await?;
    match sale.twist {
        Twist::Unannounced => Ok(()),
        Twist::Repeated => announce_document(stage, &sale.document(), 3).await,
        _ => announce_document(stage, &sale.document(), 1).await,
    }
}

async fn announce_document(stage: &Stage, document: &str, times: u32) -> Result<(), Failure> {
    let url = stage.webhook("accounting", "books");
    let hook = json!({"vendor": "fakturoid", "url": url, "event": "invoice_created", "document": document,
                      "times": times, "concurrent": times > 1});
    emit(&stage.vendors, &hook).await
}

/// A vendor whose webhook was not acknowledged would repeat it; here that ends the demo.
async fn emit(vendors: &Client, hook: &Value) -> Result<(), Failure> {
    let sent = vendors.post("/_sandbox/emit", hook).await?;
    let refused = sent["sent"].as_array().and_then(|sent| sent.iter().find(|one| one["status"] != 202).cloned());
    match refused {
        None => Ok(()),
        Some(answer) => Err(format!("a webhook was not acknowledged: {answer}").into()),
    }
}

/// Faults live as long as the practice vendors' process: they are asked for at every run, before anything is at work.
pub(super) async fn spoil(vendors: &Client) -> Result<(), Failure> {
    for sale in script::sales() {
        match (sale.twist, sale.place) {
            (Twist::ErrorInside, _) => spoil_market_invoice(vendors, sale).await?,
            // An order that an earlier run has made; else it is spoilt as soon as it is made.
            (twist, Place::Shop) if twist.is_doomed() => spoil_shop_invoice(vendors, sale).await?,
            _ => {}
        }
    }
    Ok(())
}

async fn spoil_market_invoice(vendors: &Client, sale: Sale) -> Result<(), Failure> {
    let message = "Unable to retrieve document's type from the given code";
    let fault = json!({
        "vendor": "mirakl", "match": format!("POST /api/orders/{}/documents", sale.reference()), "kind": "answer",
        "status": 200,
        "body": {"errors_count": 1, "order_documents": [{
            "errors": [{"code": "valid_order_document.type", "field": "type_code", "message": message}],
            "input": {"file_name": format!("2026-{:04}.pdf", sale.number), "type_code": "CUSTOMER_INVOICE"},
        }]},
    });
    vendors.post("/_sandbox/faults", &fault).await?;
    Ok(())
}

async fn spoil_shop_invoice(vendors: &Client, sale: Sale) -> Result<(), Failure> {
    let path = format!("/_sandbox/orders/magento/{}", sale.reference());
    let order = vendors.call(Method::PATCH, &path, Some(&json!({"state": "processing"}))).await?;
    let Some(id) = order.body["order"]["id"].as_str() else { return Ok(()) };
    let (status, message) = if sale.twist == Twist::Broken {
        (500, "Internal Error. Details are available in Magento log file. Report ID: webapi-practice")
    } else {
        (400, "Invoice Document Validation Error(s):\nThe invoice cannot be created: the tax of line 1 has no rule.")
    };
    let fault = json!({
        "vendor": "magento", "regex": format!("^POST /rest/[^ ]*/order/{id}/invoice"), "kind": "answer",
        "status": status, "body": {"message": message},
    });
    vendors.post("/_sandbox/faults", &fault).await?;
    Ok(())
}

async fn take_shop_down(stage: &Stage) -> Result<String, Failure> {
    let fault = stage.vendors.post("/_sandbox/faults", &json!({"vendor": "magento", "kind": "down"})).await?;
    stage.tell("The shop goes down.");
    Ok(fault["id"].as_str().unwrap_or_default().to_owned())
}

/// The shop comes back once it was seen that its connection paused.
async fn bring_shop_back(stage: &Stage, fault: &str) -> Result<(), Failure> {
    for _ in 0..PAUSE_LOOKS {
        let shop = stage.api.get("/api/v1/connections/shop").await?;
        if shop["state"] == "paused" {
            stage.tell("Backhaul has paused it: what is for the shop waits and costs no attempt.");
            break;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    stage.vendors.ask(Method::DELETE, &format!("/_sandbox/faults/{fault}"), None).await?;
    stage.tell("The shop is back.");
    Ok(())
}

/// Tells what is played; a line of its own.
pub(super) fn announce() {
    say(&format!(
        "A day of {} orders: late invoices, early tracking, PDFs not ready, an outage, webhooks said thrice, invoices \
         of nobody, and three that fail for good.",
        script::SALES
    ));
}
