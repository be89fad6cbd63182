//! The login in a real browser, whose rules for cookies, forms and redirects decide whether it works. It needs Chromium,
//! which a newcomer need not have: `.ci/run` fetches it and runs this.

use crate::chromium::Chromium;
use crate::stage::Stage;
use axum::Router;
use axum::extract::Request;
use std::sync::Arc;
use tokio::runtime::Builder;
use tower::ServiceExt;

#[test]
#[ignore = "needs Chromium; .ci/run runs it"]
fn a_browser_is_led_in_by_another_site_and_out_again() {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    // `localhost` and `127.0.0.1`, where the identity provider is, are two sites to a browser.
    let home = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let home = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let stage = Arc::new(Stage::at(&home).await);
        let each_by_its_own = Router::new().fallback(move |request: Request| {
            let stage = Arc::clone(&stage);
            async move { stage.instance().oneshot(request).await }
        });
        tokio::spawn(async move { axum::serve(listener, each_by_its_own).await });
        home
    });
    let mut browser = Chromium::start();
    browser.without_scripts();
    let wanted = format!("{home}/exports?state=held&order=1%262");
    browser.open(&wanted);
    assert!(browser.text().contains("Please log in"), "{}", browser.text());
    browser.complaints.clear();
    browser.click_through("main a.button", &wanted);
    assert!(browser.text().contains("Log out"), "{}", browser.text());
    let there = browser.asked.iter().any(|url| url.starts_with("http://127.0.0.1:") && url.contains("/authorize?"));
    assert!(there, "{:?}", browser.asked);
    browser.click_through("form.logout button", &format!("{home}/logged-out"));
    assert!(browser.asked.iter().any(|url| url.contains("/pool/logout?")), "{:?}", browser.asked);
    assert!(browser.complaints.is_empty(), "{:#?}", browser.complaints);
    browser.open(&wanted);
    assert!(browser.text().contains("Please log in"), "{}", browser.text());
}
