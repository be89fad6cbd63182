//! Takes the webhooks of couriers.

use lambda_kit::{Engine, Environment, Error};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::read("courier-webhook")?;
    lambda_kit::webhooks(Engine::of_webhooks(&environment).await).await
}
