#![doc = include_str!("../README.md")]

mod batch;
mod console;
mod engine;
mod environment;
mod pass;
mod web;

pub use batch::work;
pub use console::console;
pub use engine::{Engine, Intake};
pub use environment::{Environment, StartError};
pub use lambda_runtime::Error;
pub use pass::sweep;
pub use web::webhooks;
