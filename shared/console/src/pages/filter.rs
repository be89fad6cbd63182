//! What narrows a list of exports. It stands in the address, so that a list can be kept and passed on.

use super::choice::Choice;
use super::fault::Fault;
use super::guard::Fields;
use super::links;
use super::view::{Link, Names};
use crate::texts::{self, say, say_with};
use domain::{Code, ConnectionId, HoldReason, InWords, Operation, SkipReason, State};
use export_flow::jobs;
use export_flow::ports::ExportQuery;

/// What narrows a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) state: Option<State>,
    pub(super) connection: Option<ConnectionId>,
    pub(super) operation: Option<Operation>,
    pub(super) code: Option<String>,
    pub(super) order: Option<String>,
    pub(super) document: Option<String>,
}

impl Filter {
    /// Reads a query's or form's fields.
    pub(super) fn read(fields: &Fields) -> Result<Self, Fault> {
        let known =
            |key: &'static str, found: bool| if found { Ok(()) } else { Err(Fault::Wrong(say(key).to_owned())) };
        let state = fields.get("state").map(State::from_word);
        known("filter-no-state", state != Some(None))?;
        let operation = fields.get("operation").map(Operation::from_word);
        known("filter-no-kind", operation != Some(None))?;
        let code = fields.get("code").map(str::to_owned);
        known("filter-no-reason", code.as_deref().is_none_or(|code| reason(code).is_some()))?;
        Ok(Self {
            state: state.flatten(),
            connection: fields.get("connection").map(ConnectionId::new),
            operation: operation.flatten(),
            code,
            order: fields.get("order").map(str::to_owned),
            document: fields.get("document").map(str::to_owned),
        })
    }

    /// For the ledger.
    pub(super) fn query(&self) -> ExportQuery {
        ExportQuery {
            state: self.state,
            connection: self.connection.clone(),
            order: self.order.clone(),
            document: self.document.clone(),
            operation: self.operation,
            code: self.code.clone(),
        }
    }

    /// For a job, and for counting what it would be about.
    pub(super) fn of_dead(&self) -> jobs::Filter {
        let all = self.connection.is_none() && self.operation.is_none() && self.code.is_none();
        let (connection, operation, code) = (self.connection.clone(), self.operation, self.code.clone());
        jobs::Filter { all, connection, operation, code, ..jobs::Filter::default() }
    }

    /// As fields of a query or form.
    pub(super) fn pairs(&self) -> Vec<(&'static str, &str)> {
        [
            ("state", self.state.map(State::as_str)),
            ("connection", self.connection.as_ref().map(ConnectionId::as_str)),
            ("operation", self.operation.map(Operation::as_str)),
            ("code", self.code.as_deref()),
            ("order", self.order.as_deref()),
            ("document", self.document.as_deref()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }

    /// The same list, going on at a cursor.
    pub(super) fn href(&self, path: &str, cursor: &str) -> String {
        links::list(path, self.pairs().into_iter().chain([("cursor", cursor)]))
    }

    /// What it says, each with the address of the list without it.
    pub(super) fn in_words(&self, path: &str, names: &Names) -> Vec<Link> {
        let words = |name: &str, value: &str| match name {
            "state" => self.state.map(|state| texts::word(state.in_words()).label.to_owned()),
            "connection" => self.connection.as_ref().map(|id| names.label(id)),
            "operation" => self.operation.map(|operation| texts::word(operation.in_words()).label.to_owned()),
            "code" => reason(value).map(str::to_owned),
            "order" => Some(say_with("filter-order-is", "what", value)),
            _ => Some(say_with("filter-number-is", "what", value)),
        };
        let pairs = self.pairs();
        pairs
            .iter()
            .filter_map(|(name, value)| {
                let others = pairs.iter().filter(|(other, _)| other != name).copied();
                Some(Link { href: links::list(path, others), text: words(name, value)? })
            })
            .collect()
    }
}

/// The label of a reason to filter by: of a hold, a skip, or a failure.
fn reason(word: &str) -> Option<&'static str> {
    let hold = HoldReason::ALL.iter().find(|r| r.as_str() == word).map(|r| texts::word(r.in_words()).label);
    let skip = || SkipReason::ALL.iter().find(|r| r.as_str() == word).map(|r| texts::word(r.in_words()).label);
    hold.or_else(skip).or_else(|| Code::from_word(word).map(|code| texts::word(code.in_words()).label))
}

/// Entries of a form's list that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) label: &'static str,
    pub(super) choices: Vec<Choice>,
}

/// What a filter's form shows.
#[derive(Debug, Clone)]
pub(super) struct FilterForm {
    pub(super) path: &'static str,
    /// Whether orders and numbers can be asked for.
    pub(super) searches: bool,
    pub(super) states: Vec<Choice>,
    pub(super) connections: Vec<Choice>,
    pub(super) operations: Vec<Choice>,
    pub(super) reasons: Vec<Group>,
    pub(super) order: String,
    pub(super) document: String,
    pub(super) active: Vec<Link>,
}

impl FilterForm {
    /// For the list of all exports.
    pub(super) fn of_exports(filter: &Filter, names: &Names) -> Self {
        let chosen = filter.state.map(State::as_str);
        let states =
            State::ALL.iter().map(|s| Choice::new(s.as_str(), texts::word(s.in_words()).label, chosen)).collect();
        Self { searches: true, states, reasons: reasons(filter, true), ..Self::of_dead(filter, "/exports", names) }
    }

    /// For the list of dead letters, which is narrowed only by what a job takes as well.
    pub(super) fn of_dead(filter: &Filter, path: &'static str, names: &Names) -> Self {
        let connection = filter.connection.as_ref().map(ConnectionId::as_str);
        let mut connections: Vec<Choice> =
            names.all().into_iter().map(|(id, label)| Choice::new(id.as_str(), label, connection)).collect();
        if let Some(gone) = connection.filter(|id| connections.iter().all(|c| c.value != *id)) {
            connections.push(Choice::new(gone, gone, connection));
        }
        let operation = filter.operation.map(Operation::as_str);
        let operations = Operation::ALL
            .iter()
            .map(|o| Choice::new(o.as_str(), texts::word(o.in_words()).label, operation))
            .collect();
        Self {
            path,
            searches: false,
            states: vec![],
            connections,
            operations,
            reasons: reasons(filter, false),
            order: filter.order.clone().unwrap_or_default(),
            document: filter.document.clone().unwrap_or_default(),
            active: filter.in_words(path, names),
        }
    }
}

fn reasons(filter: &Filter, all: bool) -> Vec<Group> {
    use domain::Word;
    let chosen = filter.code.as_deref();
    let group = |label: &'static str, words: Vec<Word>| {
        let mut choices: Vec<Choice> = vec![];
        for word in words {
            if choices.iter().all(|c| c.value != word.word) {
                choices.push(Choice::new(word.word, texts::word(word).label, chosen));
            }
        }
        choices.sort_by_key(|c| c.label.to_lowercase());
        Group { label, choices }
    };
    let of_kind = |kinds: &[&str]| domain::words().into_iter().filter(|w| kinds.contains(&w.kind)).collect::<Vec<_>>();
    let failures = group(say("filter-failed"), of_kind(&["attempt", "check"]));
    if !all {
        return vec![failures];
    }
    vec![
        group(say("filter-waits"), of_kind(&["hold"])),
        failures,
        group(say("filter-left-out"), of_kind(&["skip", "skip_code"])),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_of_the_form_can_be_read_again() {
        for group in reasons(&Filter::default(), true) {
            for choice in group.choices {
                assert!(reason(&choice.value).is_some(), "{choice:?}");
            }
        }
    }
}
