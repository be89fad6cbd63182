//! Takes the webhooks of couriers.

use lambda_kit::{Environment, Error, Intake};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::read("courier-webhook")?;
    lambda_kit::webhooks(Intake::open(&environment).await).await
}
