//! Takes the webhooks of accounting systems.

use lambda_kit::{Environment, Error, Intake};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::read("accounting-webhook")?;
    lambda_kit::webhooks(Intake::open(&environment).await).await
}
