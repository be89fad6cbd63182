//! The steps of a check, as connectors write them down.

use crate::account::Account;
use crate::http::{Answer, Request};
use crate::session::Session;
use crate::stop::{Failure, Stop};
use domain::{CheckStep, Code, HoldReason, Said, kept, remark};

/// Collects steps until one fails.
#[derive(Debug, Default)]
pub(crate) struct Steps(Vec<CheckStep>);

impl Steps {
    /// Notes a step that succeeded.
    pub(crate) fn passed(&mut self, name: &str) {
        self.step(name, true, None, None);
    }

    /// Notes a step whose outcome somebody should know, and which is no reason not to go on.
    pub(crate) fn noted(&mut self, name: &str, code: Option<Code>, message: Said) {
        self.step(name, true, code, Some(message));
    }

    /// Notes a step that failed.
    pub(crate) fn failed(&mut self, name: &str, code: Code, message: impl Into<Said>) {
        self.step(name, false, Some(code), Some(message.into()));
    }

    fn step(&mut self, name: &str, ok: bool, code: Option<Code>, message: Option<Said>) {
        let (message, remark) = kept(message);
        let next_step = code.map(|code| code.next_step().to_owned());
        self.0.push(CheckStep { name: name.to_owned(), ok, code, message, remark, next_step });
    }

    /// Notes how a step ended by how its conversation stopped.
    pub(crate) fn stopped(&mut self, name: &str, stop: &Stop) {
        let (code, message) = match stop {
            Stop::Fail(failure) | Stop::Credentials(failure) => (code_of(failure), failure.message.clone()),
            Stop::RateLimited { message, .. } => (Code::RateLimited, message.clone()),
            Stop::Hold { reason: HoldReason::RateLimited, detail, .. } => {
                (Code::RateLimited, detail.clone().unwrap_or_default())
            }
            Stop::Hold { detail, .. } => (Code::NotThatVendor, detail.clone().unwrap_or_default()),
            Stop::Unmapped { detail, .. } => (Code::SettingInvalid, detail.clone()),
            Stop::Skip { code, detail, .. } => (*code, detail.clone().unwrap_or_default()),
            Stop::Ours(message) => (Code::StoreUnavailable, message.as_str().into()),
        };
        self.failed(name, code, message);
    }

    /// Whether the field in which orders are quoted is one of those that the vendor has; a failed step where it is not.
    pub(crate) fn order_field(&mut self, account: &Account, known: &[&str]) -> bool {
        let is_known = known.contains(&account.order_field());
        if !is_known {
            let known = known.join(", ");
            self.failed("settings", Code::SettingInvalid, remark::order_field(known));
        }
        is_known
    }

    /// All of them, with the one at which the conversation stopped, if it did.
    pub(crate) fn ended(mut self, result: Result<(), Box<(&'static str, Stop)>>) -> Vec<CheckStep> {
        if let Err(stop) = result {
            let (name, stop) = *stop;
            self.stopped(name, &stop);
        }
        self.0
    }

    /// All of them.
    pub(crate) fn into_steps(self) -> Vec<CheckStep> {
        self.0
    }
}

/// A call whose answer came from the vendor: a gateway's 502 to 504 is none of it.
pub(crate) fn answered(call: Result<Answer, Stop>) -> Result<Answer, Stop> {
    match call {
        Ok(answer) if matches!(answer.status, 502..=504) => Err(answer.refusal("")),
        call => call,
    }
}

/// Whether a call shows that the vendor is up: any answer of it does, one too large to be read too.
pub(crate) fn reached(call: Result<Answer, Stop>) -> Result<(), Stop> {
    match answered(call) {
        Err(Stop::Fail(failure)) if failure.code == Code::AnswerTooLarge => Ok(()),
        call => call.map(drop),
    }
}

/// Makes one reading call whose answer does not matter, if there is one.
pub(crate) async fn knock(session: &Session<'_>, request: Request) -> Result<(), Stop> {
    reached(session.read(request).await)
}

/// What a failed call means to somebody who has just typed in an address.
const fn code_of(failure: &Failure) -> Code {
    match failure.code {
        Code::VendorTimeout | Code::VendorUnreachable => Code::Unreachable,
        Code::VendorNonsense => Code::NotThatVendor,
        code => code,
    }
}
