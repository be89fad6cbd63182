//! An export's identity.

use crate::{ConnectionId, ExportId, Operation, Subject, SubjectKind, TenantId};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

/// What makes an export *this* export. Never a tracking number, never the content.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ExportKey {
    /// Whose.
    pub tenant: TenantId,
    /// The source connection.
    pub source: ConnectionId,
    /// The source's thing.
    pub subject: Subject,
    /// What is done with it.
    pub operation: Operation,
    /// Where to; absent for a look.
    pub target: Option<ConnectionId>,
}

/// An export id that does not decode to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an export id")]
pub struct InvalidExportId;

const PREFIX: &str = "exp_";
const SEPARATOR: char = '\u{1f}';
const ESCAPE: char = '\u{1b}';

impl ExportKey {
    /// The key of the look record of one source object.
    #[must_use]
    pub fn look(tenant: TenantId, source: ConnectionId, subject: Subject) -> Self {
        Self { tenant, source, subject, operation: Operation::Look, target: None }
    }

    /// The id that encodes this key.
    #[must_use]
    pub fn id(&self) -> ExportId {
        let target = self.target.as_ref().map_or("", ConnectionId::as_str);
        let fields = [
            self.tenant.as_str(),
            self.source.as_str(),
            self.subject.kind.as_str(),
            self.subject.id.as_str(),
            self.operation.as_str(),
            target,
        ];
        let mut text = String::new();
        for (index, field) in fields.into_iter().enumerate() {
            if index > 0 {
                text.push(SEPARATOR);
            }
            for c in field.chars() {
                if c == SEPARATOR || c == ESCAPE {
                    text.push(ESCAPE);
                }
                text.push(c);
            }
        }
        ExportId::new(format!("{PREFIX}{}", BASE64URL_NOPAD.encode(text.as_bytes())))
    }

    /// The key that an id encodes.
    ///
    /// # Errors
    /// [`InvalidExportId`] if the text was not made by [`ExportKey::id`].
    pub fn decode(id: &ExportId) -> Result<Self, InvalidExportId> {
        let encoded = id.as_str().strip_prefix(PREFIX).ok_or(InvalidExportId)?;
        let bytes = BASE64URL_NOPAD.decode(encoded.as_bytes()).map_err(|_| InvalidExportId)?;
        let text = String::from_utf8(bytes).map_err(|_| InvalidExportId)?;
        let fields: [String; 6] = split(&text).try_into().map_err(|_| InvalidExportId)?;
        let [tenant, source, kind, subject, operation, target] = fields;
        Ok(Self {
            tenant: TenantId::new(tenant),
            source: ConnectionId::new(source),
            subject: Subject { kind: SubjectKind::from_word(&kind).ok_or(InvalidExportId)?, id: subject },
            operation: Operation::from_word(&operation).ok_or(InvalidExportId)?,
            target: (!target.is_empty()).then(|| ConnectionId::new(target)),
        })
    }
}

fn split(text: &str) -> Vec<String> {
    let mut fields = vec![];
    let mut field = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            SEPARATOR => fields.push(std::mem::take(&mut field)),
            ESCAPE => field.extend(chars.next()),
            _ => field.push(c),
        }
    }
    fields.push(field);
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn keys() -> impl Strategy<Value = ExportKey> {
        // Also of what ids are put together with: a field may hold anything.
        let text = || prop_oneof![".{0,24}", "[a\u{1b}\u{1f}]{0,12}"];
        let target = proptest::option::of(prop_oneof![".{1,12}", "[a\u{1b}\u{1f}]{1,12}"]);
        (text(), text(), text(), 0..Operation::ALL.len(), target).prop_map(|(tenant, source, id, operation, target)| {
            ExportKey {
                tenant: TenantId::new(tenant),
                source: ConnectionId::new(source),
                subject: Subject { kind: SubjectKind::Invoice, id },
                operation: Operation::ALL[operation],
                target: target.map(ConnectionId::new),
            }
        })
    }

    proptest! {
        #[test]
        fn an_id_decodes_to_its_key(key in keys()) {
            prop_assert_eq!(ExportKey::decode(&key.id()), Ok(key));
        }

        #[test]
        fn different_keys_have_different_ids(a in keys(), b in keys()) {
            prop_assert_eq!(a == b, a.id() == b.id());
        }

        #[test]
        fn decoding_never_panics(text in ".{0,64}") {
            let id = ExportId::new(text);
            prop_assert!(ExportKey::decode(&id).map_or(true, |key| key.id() == id));
        }
    }
}
