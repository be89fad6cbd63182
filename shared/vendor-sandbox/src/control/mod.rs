//! The control calls under `/_sandbox`: make orders, documents and parcels, misbehave, emit, count.

mod emit;
mod make;
mod tamper;

pub(crate) use tamper::{Tamper, Thing};

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::effects::Filter;
use crate::faults::Wish;
use crate::http::{Answer, Call, Found, Route, find};
use crate::server::App;
use crate::world::vendor_of;

const ROUTES: &[Route] = &[
    ("GET", "", "show"),
    ("GET", "/", "show"),
    ("GET", "/vendors/{}", "vendor"),
    ("PATCH", "/vendors/{}", "configure"),
    ("PUT", "/vendors/{}", "configure"),
    ("POST", "/orders", "order"),
    ("PATCH", "/orders/{}/{}", "change_order"),
    ("PUT", "/orders/{}/{}", "change_order"),
    ("POST", "/documents", "document"),
    ("PATCH", "/documents/{}", "change_document"),
    ("PUT", "/documents/{}", "change_document"),
    ("GET", "/documents/{}", "show_document"),
    ("GET", "/uploads/{}/{}", "uploads"),
    ("POST", "/parcels", "parcel"),
    ("PATCH", "/parcels/{}", "change_parcel"),
    ("PUT", "/parcels/{}", "change_parcel"),
    ("POST", "/tamper", "tamper"),
    ("POST", "/emit", "emit"),
    ("POST", "/faults", "fault"),
    ("GET", "/faults", "faults"),
    ("DELETE", "/faults", "clear_faults"),
    ("DELETE", "/faults/{}", "end_fault"),
    ("POST", "/faults/{}/release", "end_fault"),
    ("PUT", "/doors/{}", "door"),
    ("GET", "/effects", "effects"),
    ("GET", "/calls", "calls"),
    ("GET", "/wait", "wait"),
];

/// Why a control call was refused: status and words.
pub(crate) struct Refusal(u16, String);

impl Refusal {
    fn unprocessable(message: impl Into<String>) -> Self {
        Self(422, message.into())
    }
}

impl From<String> for Refusal {
    fn from(message: String) -> Self {
        Self(422, message)
    }
}

type Result<T> = std::result::Result<T, Refusal>;

/// Options with some of them changed; unknown names and wrong types are refused.
pub(crate) fn merged<T: Serialize + DeserializeOwned>(options: &T, change: &Value) -> std::result::Result<T, String> {
    let mut all = serde_json::to_value(options).map_err(|error| error.to_string())?;
    let change = change.as_object().ok_or("an object is expected")?;
    if let Some(all) = all.as_object_mut() {
        all.extend(change.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    serde_json::from_value(all).map_err(|error| error.to_string())
}

fn body<'a, T: Deserialize<'a>>(call: &'a Call) -> Result<T> {
    let bytes: &[u8] = if call.body.is_empty() { b"{}" } else { &call.body };
    serde_json::from_slice(bytes).map_err(|error| Refusal::unprocessable(error.to_string()))
}

/// Answers one control call.
pub(crate) async fn answer(app: &Arc<App>, call: &Call) -> Answer {
    let (route, free) = match find(ROUTES, &call.method, &call.path) {
        Found::Route(route, free) => (route, free),
        Found::OtherMethod => {
            return Answer::json(405, &json!({"message": "this control call has other methods"}));
        }
        Found::Nothing => return Answer::json(404, &json!({"message": "no such control call"})),
    };
    let page = dispatch(app, route, &free, call).await;
    let last = app.world().last();
    if !app.settled(last).await {
        return Answer::json(500, &json!({"message": "the practice vendor could not write its file"}));
    }
    match page {
        Ok(page) => Answer::json(200, &page),
        Err(Refusal(status, message)) => Answer::json(status, &json!({"message": message})),
    }
}

async fn dispatch(app: &Arc<App>, route: &str, free: &[String], call: &Call) -> Result<Value> {
    let first = free.first().map(String::as_str).unwrap_or_default();
    let second = free.get(1).map(String::as_str).unwrap_or_default();
    match route {
        "show" => Ok(show(app, host(call))),
        "vendor" => app.world().show(first, host(call)).ok_or_else(|| no_vendor(first)),
        "configure" => configure(app, first, host(call), body(call)?),
        "order" => make::orders(app, body(call)?),
        "change_order" => make::change_order(app, first, second, body(call)?),
        "document" => make::document(app, body(call)?),
        "change_document" => make::change_document(app, first, body(call)?),
        "show_document" => make::show_document(app, call.query("vendor").unwrap_or("fakturoid"), first),
        "uploads" => Ok(json!({"uploads": app.world().mirakl(first)?.uploads(second)})),
        "parcel" => make::parcel(app, body(call)?),
        "change_parcel" => make::change_parcel(app, first, body(call)?),
        "tamper" => tamper::tamper(app, &body(call)?),
        "emit" => emit::emit(app, body(call)?, call).await,
        "fault" => {
            let id = app.world().faults.add(body::<Wish>(call)?)?;
            Ok(json!({"id": id.to_string()}))
        }
        "faults" => Ok(app.world().faults.show()),
        "clear_faults" => Ok(json!({"cleared": app.world().faults.clear()})),
        "end_fault" => {
            let ended = first.parse().is_ok_and(|id| app.world().faults.remove(id));
            if ended { Ok(json!({"ended": first})) } else { Err(Refusal(404, format!("no fault {first}"))) }
        }
        "door" => door(app, first, body(call)?).await,
        "effects" => Ok(effects(app, call)),
        "calls" => Ok(app.world().show_calls()),
        "wait" => wait(app, call).await,
        _ => Err(Refusal(404, "no such control call".to_owned())),
    }
}

fn no_vendor(name: &str) -> Refusal {
    Refusal(404, format!("no practice vendor is called {name}"))
}

fn host(call: &Call) -> &str {
    call.header("host").unwrap_or("localhost")
}

fn show(app: &App, host: &str) -> Value {
    let mut world = app.world();
    let mut vendors = Map::new();
    for name in world.names() {
        if let Some(page) = world.show(&name, host) {
            vendors.insert(name, page);
        }
    }
    json!({"vendors": vendors})
}

fn configure(app: &App, name: &str, host: &str, change: Value) -> Result<Value> {
    if vendor_of(name).is_none() {
        return Err(no_vendor(name));
    }
    let (result, _) = app.apply(name, |world, tx| {
        let vendor = world.vendor(name).ok_or_else(|| format!("no practice vendor is called {name}"))?;
        vendor.practice().configure(&change, tx)?;
        world.show(name, host).ok_or_else(|| format!("no practice vendor is called {name}"))
    });
    Ok(result?)
}

/// Body of `PUT /_sandbox/doors/{vendor}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DoorWish {
    open: bool,
}

async fn door(app: &Arc<App>, vendor: &str, wish: DoorWish) -> Result<Value> {
    if vendor_of(vendor).is_none() {
        return Err(no_vendor(vendor));
    }
    let address = app.door(vendor, wish.open).await.map_err(|error| Refusal(500, error.to_string()))?;
    Ok(json!({"base_url": format!("http://{address}/{vendor}"), "open": wish.open}))
}

fn effects(app: &App, call: &Call) -> Value {
    let filter = Filter {
        vendor: call.query("vendor"),
        kind: call.query("kind"),
        order: call.query("order"),
        key: call.query("key"),
        list: call.query("list") != Some("false"),
    };
    app.world().effects.show(&filter)
}

/// Answers once `calls`, `effects` or `paused` have reached the given count, or `timeout` seconds have passed.
async fn wait(app: &App, call: &Call) -> Result<Value> {
    let count = |name: &str| {
        let text = call.query(name)?;
        Some(text.parse::<u64>().map_err(|_| Refusal::unprocessable(format!("{name} is a count"))))
    };
    let (calls, effects, paused) =
        (count("calls").transpose()?, count("effects").transpose()?, count("paused").transpose()?);
    if calls.is_none() && effects.is_none() && paused.is_none() {
        return Err(Refusal::unprocessable("one of calls, effects, paused is required"));
    }
    let (vendor, route, kind) = (call.query("vendor"), call.query("route"), call.query("kind"));
    let seconds: f64 = call.query("timeout").and_then(|text| text.parse().ok()).unwrap_or(30.0);
    let mut ticks = app.ticks();
    let look = || {
        let world = app.world();
        let now = (world.calls(vendor, route), world.effects.count(vendor, kind), world.paused);
        let reached = calls.is_none_or(|wanted| now.0 >= wanted)
            && effects.is_none_or(|wanted| now.1 >= wanted)
            && paused.is_none_or(|wanted| now.2 >= wanted);
        (reached, now)
    };
    let watched = async {
        while !look().0 {
            if ticks.changed().await.is_err() {
                break;
            }
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs_f64(seconds.clamp(0.0, 600.0)), watched).await.is_ok();
    let (reached, now) = look();
    Ok(json!({"reached": reached && in_time, "calls": now.0, "effects": now.1, "paused": now.2}))
}
