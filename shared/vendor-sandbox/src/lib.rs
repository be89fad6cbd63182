#![doc = include_str!("../README.md")]

mod books;
mod clock;
mod control;
mod doors;
mod effects;
mod fakturoid;
mod faults;
mod http;
mod magento;
mod mirakl;
mod order;
mod packeta;
mod pdf;
mod sendcloud;
mod server;
mod store;
mod superfaktura;
mod webhooks;
mod world;
mod zip;

use std::net::SocketAddr;
use std::path::PathBuf;

pub use server::{Running, start};

/// Where the practice vendors listen and keep their file.
#[derive(Debug, Clone)]
pub struct Options {
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Directory of the durable file; made when absent.
    pub data: PathBuf,
}

/// Why the practice vendors could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address could not be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The data directory or its file could not be used.
    #[error("cannot use the data directory: {0}")]
    Data(std::io::Error),
    /// The durable file could not be read or written.
    #[error("cannot use the durable file: {0}")]
    Store(#[from] rusqlite::Error),
    /// The durable file holds something that this version does not understand.
    #[error("the durable file holds an unreadable record: {0}")]
    Record(#[from] serde_json::Error),
    /// The server's task ended badly.
    #[error("the server ended: {0}")]
    Server(String),
}
