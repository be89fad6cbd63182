//! The scheduled pass: everything that must happen although nobody calls.

use lambda_kit::{Engine, Environment, Error};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::read("sweep")?;
    lambda_kit::sweep(Engine::open_telling(&environment).await).await
}
