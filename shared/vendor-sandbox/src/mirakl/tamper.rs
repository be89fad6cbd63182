//! Documents and tracking numbers changed by somebody else.

use super::Mirakl;
use crate::control::{Tamper, Thing};
use crate::world::Tx;

impl Mirakl {
    /// Changes the newest document of an order, or its tracking number.
    pub(crate) fn tamper(&mut self, wish: &Tamper, tx: &mut Tx) -> Result<(), String> {
        let none = || format!("order {} has no such thing", wish.order);
        match wish.thing {
            Thing::Document => self.tamper_document(wish, tx).ok_or_else(none),
            Thing::Track => self.tamper_tracking(wish, tx).ok_or_else(none),
            Thing::Invoice => Err("Mirakl keeps documents, not invoices".to_owned()),
        }
    }

    fn tamper_document(&mut self, wish: &Tamper, tx: &mut Tx) -> Option<()> {
        let id = *self.documents_of.get(&wish.order)?.last()?;
        let mut document = self.documents.get(&id)?.clone();
        if !wish.repeat {
            self.documents.remove(&id);
            self.documents_of.get_mut(&wish.order)?.retain(|known| *known != id);
            tx.delete("document", id);
        }
        if wish.remove {
            return Some(());
        }
        if wish.repeat {
            document.id = self.last_document + 1;
        }
        if let Some(name) = &wish.name {
            document.file_name.clone_from(name);
        }
        if let Some(size) = wish.size {
            document.size = size;
        }
        if let Some(at) = wish.at(tx.now) {
            document.at = at;
        }
        tx.put("document", document.id, &document);
        self.keep_document(document);
        tx.put("last_document", "", &self.last_document);
        Some(())
    }

    fn tamper_tracking(&mut self, wish: &Tamper, tx: &mut Tx) -> Option<()> {
        let order = self.orders.get_mut(&wish.order)?;
        order.tracking.tracking_number = wish.name.clone().filter(|_| !wish.remove);
        order.updated_at = tx.now;
        tx.put("order", &order.id, order);
        Some(())
    }
}
