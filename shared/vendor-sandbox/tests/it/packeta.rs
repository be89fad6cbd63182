use data_encoding::BASE64;
use serde_json::json;

use crate::support::{Reply, Sandbox, text};

async fn post(sandbox: &Sandbox, body: &str) -> Reply {
    sandbox.send("POST", "/packeta/api/rest", &[("content-type", "text/xml")], body.as_bytes()).await
}

async fn ask(sandbox: &Sandbox, method: &str, fields: &str) -> (u16, String) {
    let page = sandbox.vendor("packeta").await;
    let password = text(&page, "/secrets/api_password");
    assert_eq!(password.len(), 32);
    let reply = post(sandbox, &format!("<{method}><apiPassword>{password}</apiPassword>{fields}</{method}>")).await;
    (reply.status, String::from_utf8(reply.body).unwrap())
}

fn between<'a>(answer: &'a str, element: &str) -> &'a str {
    let (_, rest) = answer.split_once(&format!("<{element}>")).unwrap_or_else(|| panic!("no {element} in {answer}"));
    rest.split_once(&format!("</{element}>")).unwrap().0
}

#[tokio::test]
async fn faults_stand_in_the_body_with_a_status_that_can_be_chosen() {
    let sandbox = Sandbox::start().await;
    let wrong = post(&sandbox, "<packetStatus><apiPassword>x</apiPassword><packetId>1</packetId></packetStatus>").await;
    assert_eq!((wrong.status, wrong.headers["content-type"].as_str()), (200, "text/xml; charset=utf-8"));
    assert!(String::from_utf8(wrong.body).unwrap().contains("<fault>IncorrectApiPasswordFault</fault>"));
    for broken in ["", "<packetStatus>", "<!DOCTYPE a [<!ENTITY b \"c\">]><packetStatus/>"] {
        let reply = post(&sandbox, broken).await;
        assert!(String::from_utf8(reply.body).unwrap().contains("IncorrectDataFault"), "{broken}");
    }
    let (status, answer) = ask(&sandbox, "packetStatus", "<packetId>1</packetId>").await;
    assert_eq!((status, between(&answer, "fault")), (200, "PacketIdFault"));
    sandbox.control("PATCH", "/vendors/packeta", json!({"fault_status": 500})).await;
    let sandbox = sandbox.restart().await;
    assert_eq!(ask(&sandbox, "packetStatus", "<packetId>1</packetId>").await.0, 500);
    assert_eq!(sandbox.send("GET", "/packeta/api/rest", &[], b"").await.status, 405);
}

#[tokio::test]
async fn a_packet_is_made_moves_and_is_cancelled_until_it_is_handed_over() {
    let sandbox = Sandbox::start().await;
    let (_, refused) = ask(&sandbox, "createPacket", "<packetAttributes><number>1</number></packetAttributes>").await;
    assert_eq!(between(&refused, "fault"), "PacketAttributesFault");
    assert!(refused.contains("<name>surname</name>"), "{refused}");
    let attributes = "<packetAttributes><number>A&amp;1</number><name>J</name><surname>N</surname><email>j@shop.example\
                      </email><addressId>95</addressId><value>1</value><weight>1</weight></packetAttributes>";
    let (_, made) = ask(&sandbox, "createPacket", attributes).await;
    let (id, barcode) = (between(&made, "id").to_owned(), between(&made, "barcode"));
    assert_eq!(barcode, format!("Z{id}"));
    assert_eq!(sandbox.effects("packeta", "packets").await, 1);
    let packet = format!("<packetId>{id}</packetId>");
    let (_, info) = ask(&sandbox, "packetInfo", &packet).await;
    assert_eq!(between(&info, "number"), "A&amp;1");
    sandbox.control("PATCH", &format!("/parcels/{id}"), json!({"vendor": "packeta", "state": "arrived"})).await;
    let (_, answer) = ask(&sandbox, "packetStatus", &packet).await;
    assert_eq!((between(&answer, "statusCode"), between(&answer, "codeText")), ("2", "arrived"));
    let (_, answer) = ask(&sandbox, "packetTracking", &packet).await;
    assert_eq!(answer.matches("<record>").count(), 2);
    let (_, answer) = ask(&sandbox, "cancelPacket", &packet).await;
    assert_eq!(between(&answer, "fault"), "CancelNotAllowedFault");
    let calls = sandbox.control("GET", "/calls", json!({})).await;
    assert_eq!(calls["vendors"]["packeta"]["packetStatus"], 1, "counted by its method: {calls}");
}

#[tokio::test]
async fn a_carriers_packet_has_its_number_and_label_later() {
    let sandbox = Sandbox::start().await;
    let wish = json!({"courier": "packeta", "reference": "O-1-A", "parcels": [
        {"tracking_number": "Z3669041905", "carrier_name": "HU GLS HD", "state": "handed_to_carrier"}, {"state": "5"}]});
    let made = sandbox.order(wish).await;
    assert_eq!((text(&made, "/parcels/0/id"), text(&made, "/parcels/0/order_number")), ("3669041905", "O-1-A"));
    let packet = "<packetId>3669041905</packetId>";
    let (_, answer) = ask(&sandbox, "packetCourierNumberV2", packet).await;
    assert_eq!(between(&answer, "fault"), "ExternalGatewayFault");
    let label = "<courierNumber>GLS-1</courierNumber>";
    let (_, answer) = ask(&sandbox, "packetCourierLabelPdf", &format!("{packet}{label}")).await;
    assert_eq!(between(&answer, "fault"), "InvalidCourierNumber");
    let change = json!({"vendor": "packeta", "carrier_number": "GLS-1"});
    sandbox.control("PATCH", "/parcels/Z3669041905", change).await;
    let (_, answer) = ask(&sandbox, "packetCourierNumberV2", packet).await;
    assert_eq!((between(&answer, "courierNumber"), between(&answer, "carrierName")), ("GLS-1", "HU GLS HD"));
    let (_, answer) = ask(&sandbox, "packetCourierLabelPdf", &format!("{packet}{label}")).await;
    assert!(BASE64.decode(between(&answer, "result").as_bytes()).unwrap().starts_with(b"%PDF"));

    let own = format!("<packetId>{}</packetId>", text(&made, "/parcels/1/id"));
    let (_, answer) = ask(&sandbox, "packetCourierNumberV2", &own).await;
    assert_eq!(between(&answer, "fault"), "NotSupportedFault");
    for (fields, good) in [("<format>A6 on A4</format><offset>0</offset>", true), ("<format>A0</format>", false)] {
        let (_, answer) = ask(&sandbox, "packetLabelPdf", &format!("{own}{fields}")).await;
        assert_eq!(answer.contains("<status>ok</status>"), good, "{answer}");
    }
}

#[tokio::test]
async fn what_a_courier_cannot_have_is_refused_by_name() {
    let sandbox = Sandbox::start().await;
    for wish in [
        json!({"courier": "packeta", "parcels": [{"tracking_number": null}]}),
        json!({"courier": "packeta", "parcels": [{"tracking_number": "T-1"}]}),
        json!({"courier": "packeta", "parcels": [{"state": "8"}]}),
        json!({"courier": "packeta", "parcels": [{"label_ready_after": 1}]}),
        json!({"courier": "sendcloud", "parcels": [{"carrier_number": "X"}]}),
    ] {
        let reply = sandbox.send("POST", "/_sandbox/orders", &[], wish.to_string().as_bytes()).await;
        assert_eq!(reply.status, 422, "{wish}");
    }
}
