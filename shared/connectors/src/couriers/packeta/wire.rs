//! Packeta's XML.

use crate::stop::Stop;
use crate::xml::{Element, escaped};
use domain::{Code, remark};

/// The root is the method; the password stands in every call, first.
pub(super) fn request(method: &str, password: &str, fields: &[(&str, &str)]) -> String {
    let element = |name: &str, value: &str| format!("<{name}>{}</{name}>", escaped(value));
    let fields: String = fields.iter().map(|(name, value)| element(name, value)).collect();
    format!("<{method}>{}{fields}</{method}>", element("apiPassword", password))
}

/// `response`: a result, or a fault by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Response {
    /// `status` is `ok`. Some methods answer nothing more.
    Ok(Option<Element>),
    /// Anything else.
    Fault(Fault),
}

/// A fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// Its name: `PacketIdFault`.
    pub(super) name: String,
    /// In the vendor's words.
    pub(super) words: String,
}

impl Response {
    /// Reads the whole document. `None`: it is another one.
    pub(super) fn of(root: &Element) -> Option<Self> {
        let status = root.text_of("status").filter(|_| root.name == "response")?;
        if status.eq_ignore_ascii_case("ok") {
            return Some(Self::Ok(root.child("result").cloned()));
        }
        // Named in `fault`; where that is missing, the status itself may be the name.
        let name = root.text_of("fault").unwrap_or(status).to_owned();
        let words = root.text_of("string").map_or_else(|| name.clone(), |said| format!("{name}: {said}"));
        Some(Self::Fault(Fault { name, words }))
    }
}

/// A status that a packet has or had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// `dateTime`, as written.
    pub(super) at: Option<String>,
    /// `statusCode`.
    pub(super) code: u32,
    /// `codeText`, else `statusText`.
    pub(super) text: Option<String>,
    /// `carrierName`: the carrier behind Packeta.
    pub(super) carrier: Option<String>,
}

impl Record {
    /// What `packetStatus` answers.
    pub(super) fn of(element: &Element) -> Result<Self, Stop> {
        let told = |name: &str| element.text_of(name).map(str::to_owned);
        let code = element.text_of("statusCode").and_then(|code| code.parse().ok());
        let code = code.ok_or_else(|| {
            Stop::fail(Code::VendorNonsense, Some(200), remark::answer_unexpected("result.statusCode"))
        })?;
        let text = told("codeText").or_else(|| told("statusText"));
        Ok(Self { at: told("dateTime"), code, text, carrier: told("carrierName") })
    }

    /// What `packetTracking` answers, oldest first or not. What is no record is left out.
    pub(super) fn all(element: &Element) -> Vec<Self> {
        element.children.iter().filter_map(|child| Self::of(child).ok()).collect()
    }
}

/// What `packetCourierNumberV2` answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CourierNumber {
    /// `courierNumber`.
    pub(super) number: String,
    /// `carrierName`.
    pub(super) carrier: Option<String>,
}

impl CourierNumber {
    /// `None` while the carrier has given none. The older method answers the number alone.
    pub(super) fn of(element: &Element) -> Option<Self> {
        let alone = || Some(element.text.trim()).filter(|text| element.children.is_empty() && !text.is_empty());
        let number = element.text_of("courierNumber").or_else(alone)?.to_owned();
        Some(Self { number, carrier: element.text_of("carrierName").map(str::to_owned) })
    }
}
