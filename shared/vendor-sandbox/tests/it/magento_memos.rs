//! Practice Magento's credit memos: its own sums, and what it refuses.

use serde_json::{Value, json};

use crate::magento::{Shop, message};
use crate::support::{Reply, text};

/// A shop and an order over 3 × 10 and 2 × 121 and shipping of 12.10, wholly invoiced unless its payment is pending.
struct Sale {
    shop: Shop,
    id: String,
    lines: [u64; 2],
}

impl Sale {
    async fn made(options: Value) -> Self {
        let shop = Shop::start().await;
        shop.sandbox.control("PATCH", "/vendors/magento", options).await;
        let lines = json!([{"sku": "BOWL", "quantity": 3, "price": 10}, {"sku": "MUG", "quantity": 2, "price": 121}]);
        let order = shop.order(json!({"reference": "1001", "shipping": "12.10", "lines": lines})).await;
        let id = text(&order, "/id").to_owned();
        assert_eq!(shop.post(&format!("/order/{id}/invoice"), json!({})).await.status, 200);
        let line = |at: usize| text(&order, &format!("/lines/{at}/id")).parse().unwrap();
        Self { lines: [line(0), line(1)], shop, id }
    }

    async fn refund(&self, items: &[(usize, f64)], arguments: Value) -> Reply {
        let items: Vec<Value> =
            items.iter().map(|(line, qty)| json!({"order_item_id": self.lines[*line], "qty": qty})).collect();
        let comment = json!({"comment": "CN-1", "is_visible_on_front": 0});
        let wish = json!({"items": items, "appendComment": true, "comment": comment, "arguments": arguments});
        self.shop.post(&format!("/order/{}/refund", self.id), wish).await
    }

    /// The totals of all memos.
    async fn totals(&self) -> Vec<String> {
        let memos = self.shop.by("/creditmemos", "order_id", &self.id).await;
        memos["items"].as_array().unwrap().iter().map(|memo| memo["grand_total"].to_string()).collect()
    }

    async fn order(&self) -> Value {
        self.shop.get(&format!("/orders/{}", self.id)).await.json()
    }
}

#[tokio::test]
async fn a_memo_comes_to_its_lines_shares_and_to_all_shipping_unless_an_amount_is_named() {
    let sale = Sale::made(json!({})).await;
    assert_eq!(sale.order().await["total_paid"].to_string(), "284.1", "an invoice that captures nothing is paid too");
    // A bowl is 8.26 + 1.74, a third of 24.78 + 5.22.
    assert_eq!(sale.refund(&[(0, 1.0)], json!({"shipping_amount": 0})).await.body, b"1");
    assert_eq!(sale.refund(&[(1, 1.0)], json!({"shipping_amount": 5})).await.body, b"2");
    assert_eq!(sale.refund(&[(0, 2.0), (1, 1.0)], json!({})).await.body, b"3");
    assert_eq!(sale.totals().await, ["10", "127.05", "147.05"]);
    let order = sale.order().await;
    assert_eq!((order["state"].clone(), order["total_refunded"].to_string()), (json!("closed"), "284.1".into()));
    assert_eq!(sale.refund(&[(0, 1.0)], json!({})).await.status, 400);
    assert_eq!(sale.shop.sandbox.effects("magento", "creditmemos").await, 3);
}

#[tokio::test]
async fn nothing_named_is_everything_and_a_part_of_a_piece_is_none() {
    let sale = Sale::made(json!({})).await;
    let refused = sale.refund(&[(0, 0.5)], json!({"shipping_amount": 0})).await;
    assert!(message(&refused).contains("total must be positive"), "{}", message(&refused));
    assert_eq!(sale.refund(&[(1, 1.9)], json!({"shipping_amount": 0})).await.status, 200);
    assert_eq!(sale.refund(&[], json!({})).await.status, 200);
    assert_eq!(sale.totals().await, ["121", "163.1"]);
}

#[tokio::test]
async fn more_than_is_left_foreign_lines_and_unpaid_orders_are_refused() {
    let sale = Sale::made(json!({})).await;
    let refused = sale.refund(&[(0, 4.0)], json!({})).await;
    assert!(message(&refused).starts_with("We found an invalid quantity to refund item"), "{}", message(&refused));
    let wish = json!({"items": [{"order_item_id": 999, "qty": 1}]});
    let refused = sale.shop.post(&format!("/order/{}/refund", sale.id), wish).await;
    assert!(message(&refused).contains("not part of the original order"));
    let refused = sale.refund(&[(0, 1.0)], json!({"shipping_amount": 12.10})).await;
    assert_eq!(message(&refused), "Maximum shipping amount allowed to refund is: %1");
    let refused = sale.refund(&[(1, 2.0)], json!({"adjustment_positive": 500})).await;
    assert!(message(&refused).contains("The most money available to refund is %1."));
    assert_eq!(sale.totals().await, Vec::<String>::new());

    let sale = Sale::made(json!({"payments_pending": true})).await;
    assert_eq!(sale.order().await["total_paid"].to_string(), "0");
    let refused = sale.refund(&[(0, 1.0)], json!({})).await;
    assert!(message(&refused).contains("The order does not allow a creditmemo to be created."));
}

#[tokio::test]
async fn a_shop_that_shows_shipping_with_tax_reads_its_amount_so_and_an_extension_may_add_to_a_memo() {
    let sale = Sale::made(json!({"shipping_with_tax": true, "memo_extra": "0.01"})).await;
    assert_eq!(sale.refund(&[(1, 1.0)], json!({"shipping_amount": 6.05})).await.status, 200);
    assert_eq!(sale.totals().await, ["127.06"]);
}

#[tokio::test]
async fn a_memo_takes_comments_and_lists_them() {
    let sale = Sale::made(json!({})).await;
    sale.refund(&[(1, 1.0)], json!({"shipping_amount": 0})).await;
    let entity = json!({"comment": "seen", "parent_id": 1, "is_customer_notified": 0, "is_visible_on_front": 0});
    let reply = sale.shop.post("/creditmemo/1/comments", json!({"entity": entity})).await;
    assert_eq!((reply.status, reply.json()["comment"].clone()), (200, json!("seen")));
    assert_eq!(sale.shop.post("/creditmemo/1/comments", json!({"entity": {"comment": "seen"}})).await.status, 400);
    assert_eq!(sale.shop.post("/creditmemo/9/comments", json!({"entity": {}})).await.status, 404);
    let listed = sale.shop.get("/creditmemo/1/comments").await.json();
    let texts: Vec<&str> = listed["items"].as_array().unwrap().iter().map(|one| text(one, "/comment")).collect();
    assert_eq!(texts, ["CN-1", "seen"]);
}
