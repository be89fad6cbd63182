//! Where what keeps an export is mended, if one of our pages is the place.

use super::links;
use super::view::{Link, Names};
use crate::texts::say_with;
use domain::{Code, ConnectionId, Export, HoldReason, State};

/// The page where somebody mends what this export waits for, ended by or was left out for.
pub(super) fn place(export: &Export, names: &Names) -> Option<Link> {
    let target = export.key.target.as_ref();
    let (at, page, text) = match export.state {
        State::Held => {
            let hold = export.hold.as_ref()?;
            let at = hold.connection.as_ref().or(target);
            match hold.reason {
                HoldReason::MappingMissing => (at, "/mappings", "export-mend-mappings"),
                HoldReason::ConnectionPaused => (at, "", "export-mend-connection"),
                _ => return None,
            }
        }
        State::Skipped => match export.code? {
            Code::SwitchedOff => (target, "/edit", "export-mend-switches"),
            Code::RuleNever => (target, "/rules", "export-mend-rules"),
            Code::NotCarried => (Some(&export.key.source), "/rules", "export-mend-rules"),
            _ => return None,
        },
        _ => return None,
    };
    let at: &ConnectionId = at.filter(|at| names.knows(at))?;
    Some(Link { href: format!("{}{page}", links::connection(at)), text: say_with(text, "name", names.label(at)) })
}
