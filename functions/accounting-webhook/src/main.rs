//! Takes the webhooks of accounting systems.

use lambda_kit::{Engine, Environment, Error};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::read("accounting-webhook")?;
    lambda_kit::webhooks(Engine::of_webhooks(&environment).await).await
}
