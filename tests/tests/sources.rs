//! The sources' connectors against the practice vendors, over the real sender: neither shares code with the other.
#![expect(clippy::unwrap_used, reason = "a test's stage: what fails here fails the test")]

mod practice;

use connectors::{Registry, Stop};
use domain::{DeliveryState, DocumentKind, DocumentStatus, HoldReason, SourceHint, Subject, SubjectKind};
use practice::World;
use serde_json::json;
use std::collections::BTreeMap;

fn parcel(id: &str) -> SourceHint {
    SourceHint { subject: Subject { kind: SubjectKind::Parcel, id: id.into() }, hints: BTreeMap::new() }
}

#[tokio::test]
async fn fakturoid_is_read_as_the_practice_vendor_has_it() {
    let world = World::new().await;
    let wish = json!({"channel": "magento", "reference": "000000123", "currency": "EUR",
        "lines": [{"sku": "A-1", "name": "Mug", "quantity": 2, "price": "121.00", "vat_rate": 21}],
        "document": {"id": "9001", "number": "2026-0001", "pdf_ready_after": 1}});
    world.control("POST", "/_sandbox/orders", Some(wish)).await;
    let account = world.account("fakturoid", json!({})).await;
    let connector = Registry::standard().get("fakturoid").unwrap();
    let books = connector.accounting().unwrap();
    let session = world.session(&account);

    let steps = connector.check(&session).await;
    assert!(steps.iter().all(|s| s.ok), "{steps:?}");
    connector.reach(&session).await.unwrap();

    let invoice = books.read_document(&session, "9001").await.unwrap().unwrap();
    assert_eq!((invoice.kind, invoice.status), (DocumentKind::Invoice, DocumentStatus::Issued));
    assert_eq!((invoice.number.as_str(), invoice.order_reference.as_deref()), ("2026-0001", Some("000000123")));
    assert_eq!(invoice.money().to_string(), "242 EUR");
    assert_eq!(invoice.lines.iter().map(|l| l.total).reduce(|a, b| a + b), Some(invoice.total));
    assert_eq!(books.find_document(&session, "2026-0001").await.unwrap().map(|d| d.id), Some("9001".into()));
    assert_eq!(books.read_document(&session, "123456").await, Ok(None));

    let wait = books.read_pdf(&session, &invoice).await.unwrap_err();
    assert!(matches!(wait, Stop::Hold { reason: HoldReason::DocumentNotReady, .. }), "{wait:?}");
    assert!(books.read_pdf(&session, &invoice).await.unwrap().bytes.starts_with(b"%PDF"));

    let page = books.changed(&session, account.since, None).await.unwrap();
    assert_eq!(page.changed.iter().map(|c| c.hint.subject.id.as_str()).collect::<Vec<_>>(), ["9001"]);
    assert_eq!(page.changed[0].version_at, invoice.version_at);
    let end = books.changed(&session, account.since, page.next.as_deref()).await.unwrap();
    assert_eq!((end.changed.len(), end.next), (0, None));

    let gone = world.account("fakturoid", json!({"slug": "nobody"})).await;
    let stop = books.read_document(&world.session(&gone), "9001").await.unwrap_err();
    assert!(matches!(stop, Stop::Credentials(_)), "{stop:?}");
    world.running.stop().await;
}

#[tokio::test]
async fn superfaktura_is_read_as_the_practice_vendor_has_it() {
    let world = World::new().await;
    let wish = json!({"channel": "magento", "reference": "000000123", "currency": "EUR", "books": "superfaktura",
        "lines": [{"sku": "A-1", "name": "Mug", "quantity": 2, "price": "121.00", "vat_rate": 21}],
        "document": {"id": "9001", "number": "2026-0001"}, "documents": [{"type": "cancel", "id": "9002"}]});
    let switch = |change: serde_json::Value| world.control("PATCH", "/_sandbox/vendors/superfaktura", Some(change));
    // A document of last year is hidden unless all years are asked for; a minute ago its second was over.
    switch(json!({"clock": "2025-06-30T10:00:00Z"})).await;
    world.control("POST", "/_sandbox/orders", Some(wish)).await;
    switch(json!({"clock": null})).await;
    let account = world.account("superfaktura", json!({"since": "2025-06-30T09:00:00Z"})).await;
    let connector = Registry::standard().get("superfaktura").unwrap();
    let books = connector.accounting().unwrap();
    let session = world.session(&account);

    let steps = connector.check(&session).await;
    assert!(steps.iter().all(|s| s.ok), "{steps:?}");
    connector.reach(&session).await.unwrap();

    let invoice = books.read_document(&session, "9001").await.unwrap().unwrap();
    assert_eq!((invoice.kind, invoice.status), (DocumentKind::Invoice, DocumentStatus::Issued));
    assert_eq!((invoice.number.as_str(), invoice.order_reference.as_deref()), ("2026-0001", Some("000000123")));
    assert_eq!((invoice.money().to_string().as_str(), invoice.subtotal), ("242 EUR", 200.into()));
    assert_eq!(invoice.lines.iter().map(|l| l.total).reduce(|a, b| a + b), Some(invoice.total));
    assert_eq!((invoice.lines[0].sku.as_deref(), invoice.lines[0].quantity), (Some("A-1"), 2.into()));
    assert_eq!(invoice.vat.iter().map(|v| v.base + v.vat).reduce(|a, b| a + b), Some(invoice.total));
    assert_eq!(invoice.version_at, "2025-06-30T10:00:00Z".parse().unwrap(), "summer time in Bratislava");
    let note = books.read_document(&session, "9002").await.unwrap().unwrap();
    assert_eq!((note.kind, note.corrects.as_deref()), (DocumentKind::CreditNote, Some("9001")));
    assert_eq!(books.find_document(&session, "2026-0001").await.unwrap().map(|d| d.id), Some("9001".into()));
    assert_eq!(books.read_document(&session, "123456").await, Ok(None), "an error inside a 200");
    assert!(books.read_pdf(&session, &invoice).await.unwrap().bytes.starts_with(b"%PDF"));

    let many = books.many().unwrap().read_documents(&session, &["9001", "123456", "9002"]).await.unwrap();
    assert_eq!(many.iter().map(|d| d.id.as_str()).collect::<Vec<_>>(), ["9001", "9002"]);
    assert_eq!(many[0], invoice);

    let page = books.changed(&session, account.since, None).await.unwrap();
    assert_eq!(page.changed.iter().map(|c| c.hint.subject.id.as_str()).collect::<Vec<_>>(), ["9001", "9002"]);
    assert_eq!((page.changed[0].version_at, page.next), (invoice.version_at, None));
    let later = books.changed(&session, "2025-06-30T10:00:01Z".parse().unwrap(), None).await.unwrap();
    assert!(later.changed.is_empty(), "the day is listed again, and not told again");

    for status in [200, 401] {
        switch(json!({"refusal_status": status})).await;
        let wrong = world.account("superfaktura", json!({"email": "someone@else.example"})).await;
        let session = world.session(&wrong);
        let stop = books.read_document(&session, "9001").await.unwrap_err();
        assert!(matches!(stop, Stop::Credentials(_)), "{status}: {stop:?}");
        assert_eq!(connector.check(&session).await.last().unwrap().name, "credentials");
    }
    for (status, limited) in [(json!(403), true), (serde_json::Value::Null, false)] {
        switch(json!({"daily_limit": 0, "over_limit_status": status})).await;
        let other = connectors::Account { connection: account.connection.clone(), ..account.clone() };
        let stop = books.read_document(&world.session(&other), "9001").await.unwrap_err();
        match stop {
            Stop::RateLimited { retry_after: Some(wait), .. } if limited => assert!(wait.as_hours() < 25),
            // Nothing said that it is the quota; the lane is closed by now, and a call is not even tried.
            Stop::RateLimited { .. } => assert!(!limited),
            stop => panic!("{status}: {stop:?}"),
        }
    }
    world.running.stop().await;
}

#[tokio::test]
async fn sendcloud_is_read_as_the_practice_vendor_has_it() {
    let world = World::new().await;
    let wish = json!({"channel": null, "document": null, "parcels": [
        {"tracking_number": "T-1", "carrier": "dpd", "order_number": "000000123", "label_ready_after": 1},
        {"tracking_number": null, "state": "announcing", "order_number": "000000124"}]});
    let made = world.control("POST", "/_sandbox/orders", Some(wish)).await;
    let id = |n: usize| made["parcels"][n]["id"].as_str().unwrap().to_owned();
    let account = world.account("sendcloud", json!({})).await;
    let connector = Registry::standard().get("sendcloud").unwrap();
    let courier = connector.courier().unwrap();
    let session = world.session(&account);

    let steps = connector.check(&session).await;
    assert!(steps.iter().all(|s| s.ok), "{steps:?}");
    connector.reach(&session).await.unwrap();

    let first = courier.read_parcel(&session, &parcel(&id(0))).await.unwrap().unwrap();
    assert_eq!((first.tracking_number(), first.state), (Some("T-1"), DeliveryState::InTransit));
    assert_eq!(first.order_reference.as_deref(), Some("000000123"));
    assert_eq!(first.carrier.as_ref().map(|c| c.code.as_str()), Some("dpd"));
    assert!(first.handed_over());
    assert_eq!(courier.read_parcel(&session, &parcel("T-1")).await.unwrap().map(|p| p.id), Some(id(0)));
    assert_eq!(courier.read_parcel(&session, &parcel("T-9")).await, Ok(None));

    let second = courier.read_parcel(&session, &parcel(&id(1))).await.unwrap().unwrap();
    assert_eq!((second.tracking_number(), second.state), (None, DeliveryState::LabelCreated));

    let wait = courier.read_label(&session, &id(0)).await.unwrap_err();
    assert!(matches!(wait, Stop::Hold { reason: HoldReason::DocumentNotReady, .. }), "{wait:?}");
    assert!(courier.read_label(&session, &id(0)).await.unwrap().bytes.starts_with(b"%PDF"));

    let page = courier.changed(&session, account.since, None).await.unwrap();
    assert_eq!(page.changed.iter().map(|c| c.hint.subject.id.clone()).collect::<Vec<_>>(), [id(0), id(1)]);
    assert_eq!(page.next, None);

    for (state, wanted) in [
        ("delivered", DeliveryState::Delivered),
        ("in_transit", DeliveryState::Delivered),
        ("returned", DeliveryState::Returned),
    ] {
        world.control("PATCH", "/_sandbox/parcels/T-1", Some(json!({"state": state}))).await;
        let parcel = courier.read_parcel(&session, &parcel(&id(0))).await.unwrap().unwrap();
        assert_eq!(parcel.state, wanted, "after {state}");
    }
    world.running.stop().await;
}

#[tokio::test]
async fn packeta_is_read_as_the_practice_vendor_has_it() {
    let world = World::new().await;
    let wish = json!({"channel": null, "document": null, "courier": "packeta", "parcels": [
        {"tracking_number": "Z3669041905", "state": "label_created", "order_number": "A&1"},
        {"tracking_number": "Z3669041906", "carrier_name": "HU GLS HD", "state": "6"}]});
    world.control("POST", "/_sandbox/orders", Some(wish)).await;
    let move_to = |number: &'static str, change: serde_json::Value| {
        let mut change = change;
        change["vendor"] = "packeta".into();
        let path = format!("/_sandbox/parcels/{number}");
        let world = &world;
        async move { world.control("PATCH", &path, Some(change)).await }
    };
    let account = world.account("packeta", json!({})).await;
    let connector = Registry::standard().get("packeta").unwrap();
    let courier = connector.courier().unwrap();
    let session = world.session(&account);

    let steps = connector.check(&session).await;
    assert!(steps.iter().all(|s| s.ok), "{steps:?}");
    connector.reach(&session).await.unwrap();

    let own = courier.read_parcel(&session, &parcel("Z 366 9041 905")).await.unwrap().unwrap();
    assert_eq!(
        (own.id.as_str(), own.tracking_number(), own.state),
        ("3669041905", Some("Z3669041905"), DeliveryState::LabelCreated)
    );
    assert_eq!(own.order_reference.as_deref(), Some("A&1"), "escaped on its way and back");
    assert_eq!(courier.read_parcel(&session, &parcel("1")).await, Ok(None));
    assert!(courier.read_label(&session, "3669041905").await.unwrap().bytes.starts_with(b"%PDF"));

    let mut before = own;
    for (code, wanted) in [
        ("2", DeliveryState::InTransit),
        ("16", DeliveryState::DeliveryFailed),
        ("5", DeliveryState::OutForDelivery),
        ("7", DeliveryState::Delivered),
        ("4", DeliveryState::Delivered),
        ("10", DeliveryState::Returned),
    ] {
        move_to("Z3669041905", json!({"state": code})).await;
        let known = connectors::Before { parcel: Some(&before), ..connectors::Before::default() };
        let read = courier.read_again(&session, &parcel("3669041905"), known).await.unwrap().unwrap();
        before = before.merged(read);
        assert_eq!(before.state, wanted, "after {code}");
    }
    assert_eq!(before.states.len(), 7);
    assert!(
        before.states.iter().map(|s| s.at).max().unwrap() < session.now() + jiff::SignedDuration::from_mins(1),
        "Prague's clock"
    );

    let carried = courier.read_parcel(&session, &parcel("3669041906")).await.unwrap().unwrap();
    assert_eq!((carried.tracking_numbers.len(), carried.state), (1, DeliveryState::InTransit));
    let wait = courier.read_label(&session, "3669041906").await.unwrap_err();
    assert!(matches!(wait, Stop::Hold { reason: HoldReason::DocumentNotReady, .. }), "{wait:?}");
    move_to("Z3669041906", json!({"carrier_number": "GLS-1"})).await;
    let carried = courier.read_parcel(&session, &parcel("3669041906")).await.unwrap().unwrap();
    assert_eq!(carried.tracking_numbers, ["GLS-1", "Z3669041906"]);
    assert_eq!(carried.carrier.as_ref().map(|c| c.code.as_str()), Some("hu_gls_hd"));
    assert!(courier.read_label(&session, "3669041906").await.unwrap().bytes.starts_with(b"%PDF"));

    world.control("PATCH", "/_sandbox/vendors/packeta", Some(json!({"fault_status": 500}))).await;
    assert_eq!(courier.read_parcel(&session, &parcel("1")).await, Ok(None), "the status is not looked at");
    let mut wrong = account.clone();
    wrong.secrets = connectors::Secrets::default();
    let stop = courier.read_parcel(&world.session(&wrong), &parcel("3669041905")).await.unwrap_err();
    assert!(matches!(stop, Stop::Credentials(_)), "{stop:?}");
    world.running.stop().await;
}
