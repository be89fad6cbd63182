//! What is not said is off, absent, not to be used.

use super::*;
use serde_json::json;

fn connection(state: &str) -> Connection {
    let said = json!({
        "id": "shop", "tenant": "default", "role": "channel", "connector": "magento", "label": "Shop", "state": state,
        "settings": {"store_code": "cz", "page_size": 50}, "secrets": {}, "rules": {}, "mappings": {},
        "switches": {"send_invoice": true, "send_tracking": false},
        "pause": null, "last_error": null, "check": null, "ever_active": true, "url_token_hash": null,
        "created_at": "2026-11-21T09:00:00Z", "changed_at": "2026-11-21T09:00:00Z", "version": 1,
    });
    serde_json::from_value(said).unwrap()
}

#[test]
fn a_switch_is_on_only_if_it_was_set_so() {
    let shop = connection("active");
    assert!(shop.is_on(Switch::SendInvoice));
    assert!(!shop.is_on(Switch::SendTracking));
    assert!(!shop.is_on(Switch::SendCreditNote), "off until set");
}

#[test]
fn exports_are_called_for_only_at_an_active_connection() {
    assert!(connection("active").is_usable());
    for state in ["unverified", "paused", "disabled"] {
        assert!(!connection(state).is_usable(), "{state}");
    }
}

#[test]
fn a_setting_is_read_as_the_text_it_was_given_as() {
    let shop = connection("active");
    assert_eq!(shop.setting("store_code"), Some("cz"));
    assert_eq!(shop.setting("page_size"), None, "a number is no text");
    assert_eq!(shop.setting("base_url"), None);
}

#[test]
fn a_payment_kind_with_nothing_beside_it_is_never_invoiced() {
    let given = json!({"invoice_when_by_payment": {"cod": "paid", "free": "", "gift": " ", "points": null}});
    let rules: Rules = serde_json::from_value(given).unwrap();
    let when: Vec<InvoiceWhen> = rules.invoice_when_by_payment.values().copied().collect();
    assert_eq!(when, [InvoiceWhen::Paid, InvoiceWhen::Never, InvoiceWhen::Never, InvoiceWhen::Never]);
    let kept = serde_json::to_value(&rules).unwrap();
    assert_eq!(kept["invoice_when_by_payment"]["points"], "never");
    for wrong in [json!({"cod": "soon"}), json!({"cod": 1}), json!(["paid"])] {
        assert!(serde_json::from_value::<Rules>(json!({"invoice_when_by_payment": wrong})).is_err());
    }
}
