//! Carries what lies on the queue.

use lambda_kit::{Engine, Environment, Error};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::read("export-worker")?;
    lambda_kit::work(Engine::open(&environment).await).await
}
