//! Practice SuperFaktura: documents, PDF, lists, and quotas of a day and a month. No webhooks.
//!
//! Strict where the vendor is: every value of the header URL-encoded, two defaults that hide documents, times of
//! Bratislava without a zone, errors inside a 200, 404 for a PDF whatever is wrong, and nothing at all beyond the quota.

mod document;
mod list;
mod make;

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub(crate) use document::Document;

use crate::clock::{self, Millis};
use crate::http::{Answer, Call, Route};
use crate::world::{Keys, Practice, Reply, Tx};

const ROUTES: &[Route] = &[
    ("GET", "/invoices/index.json", "index"),
    ("GET", "/invoices/index.json/{*}", "index"),
    ("GET", "/invoices/view/{}.json", "view"),
    ("GET", "/invoices/getInvoiceDetails/{}", "details"),
    ("GET", "/invoices/pdf/{}/{*}", "pdf"),
    ("GET", "/{}/invoices/pdf/{}/{*}", "pdf_in_language"),
    ("GET", "/users/getUserCompaniesData", "companies"),
    ("GET", "/users/getUserCompaniesData/{}", "companies"),
];
/// Documents that one call gives at most.
const DETAILS_MAX: usize = 100;
const EMAIL: &str = "owner+api@practice.example";
const COMPANY: &str = "1";

/// Switches of the practice vendor, changed through the control calls.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Options {
    /// Calls of a day; `null` = no limit. The vendor's is 1,000.
    daily_limit: Option<u64>,
    /// Calls of a month; `null` = no limit. The vendor's is 30,000.
    monthly_limit: Option<u64>,
    /// Status of a call beyond a limit; `null` = no answer at all.
    over_limit_status: Option<u16>,
    /// Status that wrong credentials are answered with; 200 has the error inside.
    refusal_status: u16,
    /// The vendor's own clock, RFC 3339; `null` = it goes right.
    clock: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            daily_limit: Some(1_000),
            monthly_limit: Some(30_000),
            over_limit_status: None,
            refusal_status: 200,
            clock: None,
        }
    }
}

/// Calls of a day and of its month.
#[derive(Debug, Default)]
struct Used {
    day: Option<jiff::civil::Date>,
    of_day: u64,
    of_month: u64,
}

/// One user with one company.
pub(crate) struct SuperFaktura {
    api_key: String,
    options: Options,
    documents: BTreeMap<u64, Document>,
    used: Used,
    last_id: u64,
    last_number: u64,
}

/// An error as the vendor tells it: words in the user's language, twice.
fn error(status: u16, words: &str) -> Answer {
    Answer::json(status, &json!({"error": 1, "error_message": words, "message": words}))
}

/// The header's values, decoded. `None` where it is of another form, or a value is not URL-encoded.
fn credentials(header: &str) -> Option<BTreeMap<String, String>> {
    let pairs = header.strip_prefix("SFAPI ")?.split('&').map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let encoded = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~%+".contains(&byte);
        if !value.bytes().all(encoded) {
            return None;
        }
        let value = percent_decode_str(&value.replace('+', " ")).decode_utf8().ok()?.into_owned();
        Some((name.to_owned(), value))
    });
    pairs.collect()
}

impl SuperFaktura {
    pub(crate) fn new(keys: &Keys<'_>) -> Self {
        Self {
            api_key: keys.secret("api_key"),
            options: Options::default(),
            documents: BTreeMap::new(),
            used: Used::default(),
            last_id: 7000,
            last_number: 0,
        }
    }

    /// The vendor's time.
    fn now(&self, real: Millis) -> Millis {
        self.options.clock.as_deref().and_then(clock::read).unwrap_or(real)
    }

    pub(crate) fn document(&self, id: &str) -> Option<&Document> {
        id.parse().ok().and_then(|id: u64| self.documents.get(&id))
    }

    fn knows(&self, call: &Call) -> bool {
        let Some(given) = call.header("authorization").and_then(credentials) else { return false };
        let is = |name: &str, wanted: &str| given.get(name).is_some_and(|value| value == wanted);
        is("email", EMAIL)
            && is("apikey", &self.api_key)
            && given.get("module").is_some_and(|module| !module.trim().is_empty())
            && given.get("company_id").is_none_or(|company| company.is_empty() || company == COMPANY)
    }

    /// Counts a call. False when it is beyond a limit.
    fn count(&mut self, now: Millis) -> bool {
        let day = clock::local(now).date();
        let month = |day: jiff::civil::Date| (day.year(), day.month());
        if self.used.day != Some(day) {
            let same_month = self.used.day.map(month) == Some(month(day));
            let of_month = if same_month { self.used.of_month } else { 0 };
            self.used = Used { day: Some(day), of_day: 0, of_month };
        }
        let left = |limit: Option<u64>, used: u64| limit.is_none_or(|limit| used < limit);
        let allowed =
            left(self.options.daily_limit, self.used.of_day) && left(self.options.monthly_limit, self.used.of_month);
        if allowed {
            self.used.of_day += 1;
            self.used.of_month += 1;
        }
        allowed
    }

    /// The quota's headers on an answer.
    fn told(&self, mut answer: Answer, now: Millis) -> Answer {
        let today = clock::local(now).date();
        let reset = |day: Option<jiff::civil::Date>| {
            day.map_or_else(String::new, |day| day.strftime("%d.%m.%Y 00:00:00").to_string())
        };
        let quotas = [
            ("Daily", self.options.daily_limit, self.used.of_day, reset(today.tomorrow().ok())),
            ("Monthly", self.options.monthly_limit, self.used.of_month, reset(today.last_of_month().tomorrow().ok())),
        ];
        for (name, limit, used, reset) in quotas {
            let Some(limit) = limit else { continue };
            answer = answer
                .with(&format!("X-RateLimit-{name}Limit"), limit.to_string())
                .with(&format!("X-RateLimit-{name}Remaining"), limit.saturating_sub(used).to_string())
                .with(&format!("X-RateLimit-{name}Reset"), reset);
        }
        answer
    }

    fn blocked(&self, now: Millis) -> Answer {
        let Some(status) = self.options.over_limit_status else { return Answer::none() };
        let words = format!(
            "You have exceeded a limit of API requests. You have already made {} requests today.",
            self.used.of_day
        );
        self.told(Answer::empty(status), now).with("X-RateLimit-Message", words)
    }

    fn details(&self, ids: &str) -> Answer {
        let found: Map<String, Value> = ids
            .split(',')
            .take(DETAILS_MAX)
            .filter_map(|id| self.document(id))
            .map(|document| (document.id.to_string(), document.json()))
            .collect();
        // An object without entries is an empty list in the vendor's language.
        Answer::json(200, &if found.is_empty() { json!([]) } else { found.into() })
    }

    fn pdf(&mut self, id: &str, parameters: &[String], tx: &mut Tx) -> Answer {
        let missing = || Answer::bytes(404, "text/html; charset=utf-8", "<html><body>404</body></html>".into());
        let token = parameters.iter().find_map(|part| part.strip_prefix("token:"));
        let known = id.parse().ok().and_then(|id: u64| self.documents.get_mut(&id));
        let Some(document) = known.filter(|document| token == Some(&document.token)) else { return missing() };
        if document.pdf_asked < document.pdf_ready_after {
            document.pdf_asked += 1;
            tx.put("document", document.id, document);
            return missing();
        }
        Answer::bytes(200, "application/pdf", document.pdf())
    }

    fn companies() -> Answer {
        let company =
            json!({"id": COMPANY, "company_name": "Practice Shop s.r.o.", "country_id": "191", "tax_payer": "1"});
        Answer::json(
            200,
            &json!({"data": {COMPANY: {"BankAccount": [], "UserProfile": company}}, "error": 0, "error_message": ""}),
        )
    }
}

impl Practice for SuperFaktura {
    fn routes(&self) -> &'static [Route] {
        ROUTES
    }

    fn authenticate(&mut self, _route: Option<&str>, call: &Call, now: Millis) -> Result<(), Answer> {
        if !self.knows(call) {
            return Err(error(self.options.refusal_status, "Nepodarilo sa prihlásiť"));
        }
        let now = self.now(now);
        if self.count(now) { Ok(()) } else { Err(self.blocked(now)) }
    }

    fn handle(&mut self, route: &str, free: &[String], _call: &Call, tx: &mut Tx) -> Reply {
        let now = self.now(tx.now);
        let part = |index: usize| free.get(index).map(String::as_str).unwrap_or_default();
        let answer = match route {
            "index" => self.list(free, now),
            "view" => match self.document(part(0)) {
                Some(document) => Answer::json(200, &document.json()),
                None => error(200, "Faktúra nebola nájdená"),
            },
            "details" => self.details(part(0)),
            "pdf" => self.pdf(part(0), free.get(1..).unwrap_or_default(), tx),
            "pdf_in_language" => self.pdf(part(1), free.get(2..).unwrap_or_default(), tx),
            "companies" => Self::companies(),
            _ => self.unknown(404),
        };
        self.told(answer, now).into()
    }

    fn unknown(&self, status: u16) -> Answer {
        Answer::bytes(status, "text/html; charset=utf-8", "<html><body>Not Found</body></html>".into())
    }

    fn load(&mut self, kind: &str, body: &str) -> Result<(), serde_json::Error> {
        match kind {
            "document" => {
                let document: Document = serde_json::from_str(body)?;
                self.last_id = self.last_id.max(document.id);
                self.documents.insert(document.id, document);
            }
            "counter" => self.last_number = serde_json::from_str(body)?,
            "last_id" => self.last_id = self.last_id.max(serde_json::from_str(body)?),
            "options" => self.options = serde_json::from_str(body)?,
            _ => {}
        }
        Ok(())
    }

    fn connection(&self) -> Value {
        json!({
            "settings": {"email": EMAIL, "company_id": COMPANY},
            "secrets": {"api_key": self.api_key},
            "webhook_secret": null,
            "options": self.options,
        })
    }

    fn configure(&mut self, change: &Value, tx: &mut Tx) -> Result<(), String> {
        let options: Options = crate::control::merged(&self.options, change)?;
        if options.clock.as_deref().is_some_and(|text| clock::read(text).is_none()) {
            return Err("clock is not a time".to_owned());
        }
        self.options = options;
        tx.put("options", "", &self.options);
        Ok(())
    }
}
