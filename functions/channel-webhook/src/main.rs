//! Takes the webhooks of marketplaces and shops.

use lambda_kit::{Engine, Environment, Error};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::read("channel-webhook")?;
    lambda_kit::webhooks(Engine::of_webhooks(&environment).await).await
}
