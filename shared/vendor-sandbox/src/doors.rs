//! A door of its own for one vendor: a second address that can be shut, so that connections are refused outright,
//! while everything else goes on.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;

use crate::server::{App, accept};

struct Door {
    address: SocketAddr,
    /// Present while the door is open.
    open: Option<(watch::Sender<bool>, JoinHandle<()>)>,
}

/// All doors, by the vendor's name.
#[derive(Default)]
pub(crate) struct Doors(Mutex<BTreeMap<String, Door>>);

impl Doors {
    /// Opens or shuts a vendor's door and answers its address, the same one every time. `main` is where the program
    /// itself listens: the door is on the same network address.
    pub(crate) async fn set(
        &self,
        app: &Arc<App>,
        vendor: &str,
        main: SocketAddr,
        open: bool,
    ) -> std::io::Result<SocketAddr> {
        let mut doors = self.0.lock().await;
        let known = doors.remove(vendor);
        let wanted = known.as_ref().map_or(SocketAddr::new(main.ip(), 0), |door| door.address);
        let door = match known {
            Some(door) if door.open.is_some() == open => door,
            Some(door) if !open => shut(door).await,
            _ => open_at(app, wanted).await?,
        };
        let address = door.address;
        let door = if open { door } else { shut(door).await };
        doors.insert(vendor.to_owned(), door);
        Ok(address)
    }

    /// Shuts every door.
    pub(crate) async fn shut(&self) {
        let doors = std::mem::take(&mut *self.0.lock().await);
        for door in doors.into_values() {
            shut(door).await;
        }
    }
}

async fn open_at(app: &Arc<App>, address: SocketAddr) -> std::io::Result<Door> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let (end, ended) = watch::channel(false);
    let task = tokio::spawn(accept(listener, Arc::clone(app), ended));
    Ok(Door { address, open: Some((end, task)) })
}

async fn shut(mut door: Door) -> Door {
    if let Some((end, task)) = door.open.take() {
        end.send_replace(true);
        if let Err(error) = task.await {
            tracing::error!(%error, "a door's listener ended badly");
        }
    }
    door
}
