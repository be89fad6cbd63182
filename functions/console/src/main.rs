//! REST API and pages.

use lambda_kit::{Engine, Environment, Error};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::read("console")?;
    lambda_kit::console(Engine::open(&environment).await).await
}
