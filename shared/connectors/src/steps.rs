//! The steps of a check, as connectors write them down.

use crate::http::Request;
use crate::session::Session;
use crate::stop::{Failure, Stop};
use domain::{CheckStep, Code, HoldReason};

/// Collects steps until one fails.
#[derive(Debug, Default)]
pub(crate) struct Steps(Vec<CheckStep>);

impl Steps {
    /// Notes a step that succeeded.
    pub(crate) fn passed(&mut self, name: &str) {
        self.0.push(CheckStep { name: name.to_owned(), ok: true, code: None, message: None, next_step: None });
    }

    /// Notes a step that failed.
    pub(crate) fn failed(&mut self, name: &str, code: Code, message: impl Into<String>) {
        self.0.push(CheckStep {
            name: name.to_owned(),
            ok: false,
            code: Some(code),
            message: Some(message.into()),
            next_step: Some(code.next_step().to_owned()),
        });
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
            Stop::Ours(message) => (Code::StoreUnavailable, message.clone()),
        };
        self.failed(name, code, message);
    }

    /// All of them.
    pub(crate) fn into_steps(self) -> Vec<CheckStep> {
        self.0
    }
}

/// Makes one reading call whose answer does not matter: only 502, 503 and 504 are no answer.
pub(crate) async fn knock(session: &Session<'_>, request: Request) -> Result<(), Stop> {
    match session.read(request).await {
        Ok(answer) if matches!(answer.status, 502..=504) => Err(answer.refusal("")),
        Err(Stop::Fail(failure)) if failure.code == Code::AnswerTooLarge => Ok(()),
        result => result.map(|_| ()),
    }
}

/// What a failed call means to somebody who has just typed in an address.
const fn code_of(failure: &Failure) -> Code {
    match failure.code {
        Code::VendorTimeout | Code::VendorUnreachable => Code::Unreachable,
        Code::VendorNonsense => Code::NotThatVendor,
        code => code,
    }
}
