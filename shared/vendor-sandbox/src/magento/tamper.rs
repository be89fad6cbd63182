//! Invoices and tracks changed by somebody else.

use super::Magento;
use super::entities::{Invoice, Shipment};
use crate::control::{Tamper, Thing};
use crate::world::Tx;

impl Magento {
    /// Changes the newest invoice or track of an order.
    pub(crate) fn tamper(&mut self, wish: &Tamper, tx: &mut Tx) -> Result<(), String> {
        let order = self.by_increment.get(&wish.order.to_lowercase()).copied();
        let order = order.ok_or(format!("no order {}", wish.order))?;
        let none = || format!("order {} has no such thing", wish.order);
        match wish.thing {
            Thing::Invoice => {
                let id = *self.children(order, 0).last().ok_or_else(none)?;
                self.tamper_invoice(order, id, wish, tx).ok_or_else(none)
            }
            Thing::Track => {
                let id = *self.children(order, 1).last().ok_or_else(none)?;
                self.tamper_track(id, wish, tx).ok_or_else(none)
            }
            Thing::Document => Err("Magento keeps no documents".to_owned()),
        }
    }

    fn tamper_invoice(&mut self, order: u64, id: u64, wish: &Tamper, tx: &mut Tx) -> Option<()> {
        let mut invoice: Invoice = self.invoices.get(&id)?.clone();
        if wish.remove {
            self.invoices.remove(&id);
            self.children.get_mut(&order)?.first_mut()?.retain(|known| *known != id);
            tx.delete("invoice", id);
            return Some(());
        }
        if wish.repeat {
            invoice.id = self.invoices.keys().last().map_or(1, |last| last + 1);
        }
        if let Some(name) = &wish.name {
            invoice.comments.iter_mut().for_each(|comment| comment.text.clone_from(name));
        }
        if let Some(total) = wish.total {
            invoice.total = total;
        }
        if let Some(at) = wish.at(tx.now) {
            invoice.at = at;
        }
        tx.put("invoice", invoice.id, &invoice);
        self.keep_invoice(invoice);
        Some(())
    }

    fn tamper_track(&mut self, id: u64, wish: &Tamper, tx: &mut Tx) -> Option<()> {
        let mut shipment: Shipment = self.shipments.get(&id)?.clone();
        let mut track = shipment.tracks.last()?.clone();
        if wish.remove || !wish.repeat {
            shipment.tracks.pop();
        }
        if wish.repeat {
            track.id = self.last_track + 1;
        }
        if let Some(name) = &wish.name {
            track.number.clone_from(name);
        }
        if !wish.remove {
            shipment.tracks.push(track);
        }
        tx.put("shipment", id, &shipment);
        self.keep_shipment(shipment);
        Some(())
    }
}
