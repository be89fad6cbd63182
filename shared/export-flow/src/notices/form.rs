//! What a tenant wants to be told, as a person gives it: every fault named by its field, none by its value.

use super::webhook::{KEY_BYTES, PREFIX, sealed_for, signing_key};
use super::{DigestTime, Language, NoticeSettings, WebhookWay};
use crate::flow::Flow;
use crate::refused::{FieldError, Refused};
use data_encoding::BASE64;
use domain::{FieldProblem, NoticeKind, NoticeWay, SealedSecret, TenantId, remark};
use jiff::tz::TimeZone;
use secrecy::SecretString;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use url::Url;

const FIELDS: [&str; 6] = ["webhook", "email", "topic", "kinds", "digest", "lang"];
const RECIPIENTS_MAX: usize = 10;
const ADDRESS_CHARS_MAX: usize = 254;
const URL_CHARS_MAX: usize = 2_000;
const HOUR_MAX: i64 = 23;

/// Settings as written.
#[derive(Debug)]
pub struct SettingsPut {
    /// As stored.
    pub settings: NoticeSettings,
    /// The secret that was made because none was given; never shown again.
    pub secret: Option<SecretString>,
}

#[derive(Default)]
struct Form {
    url: Option<String>,
    /// Given, to be made anew, or to be kept.
    secret: Option<Option<SecretString>>,
    email: Vec<String>,
    topic: bool,
    kinds: BTreeSet<NoticeKind>,
    digest: Option<(i8, String)>,
    /// Left out it stays as it is.
    lang: Option<Language>,
}

impl Flow {
    /// Writes what a tenant wants to be told. The whole is replaced, except that a secret left out keeps its value; one
    /// that is `null`, or missing where there was none, is made and answered once.
    ///
    /// # Errors
    /// [`Refused::Fields`], [`Refused::Conflict`] if somebody else has just written it, [`Refused::Ours`].
    pub async fn put_notice_settings(&self, tenant: &TenantId, given: &Value) -> Result<SettingsPut, Refused> {
        let form = self.read_form(given)?;
        let (ledger, now) = (&self.parts.ledger, self.now());
        let old = ledger.notice_settings(tenant).await?;
        let mut made = None;
        let mut webhook = None;
        if let Some(url) = form.url {
            let kept = old.as_ref().and_then(|old| old.webhook.clone()).map(|way| way.secret);
            let secret = match (form.secret, kept) {
                (None, Some(kept)) => kept,
                (given, _) => {
                    let secret = given.flatten().unwrap_or_else(|| {
                        let fresh = self.random_secret();
                        made = Some(fresh.clone());
                        fresh
                    });
                    let sealed = self.parts.keys.seal(&sealed_for(tenant), "secret", &secret).await?;
                    SealedSecret::entered(now, sealed)
                }
            };
            webhook = Some(WebhookWay { url, secret });
        }
        let before = old.as_ref().and_then(|old| old.digest.clone());
        let digest = form.digest.map(|(hour, time_zone)| {
            let same = before.filter(|before| (before.hour, &before.time_zone) == (hour, &time_zone));
            same.unwrap_or(DigestTime { hour, time_zone, from: now })
        });
        let settings = NoticeSettings {
            tenant: tenant.clone(),
            webhook,
            email: form.email,
            topic: form.topic,
            kinds: form.kinds,
            digest,
            lang: form.lang.or(old.as_ref().map(|old| old.lang)).unwrap_or_default(),
            changed_at: now,
            version: old.map_or(0, |old| old.version) + 1,
        };
        if !ledger.put_notice_settings(&settings).await? {
            return Err(Refused::Conflict(remark::settings_meanwhile()));
        }
        Ok(SettingsPut { settings, secret: made })
    }

    /// Words notices in another language from now on.
    ///
    /// # Errors
    /// [`Refused::Conflict`] if nothing is told to anybody, or somebody else has just written; [`Refused::Ours`].
    pub async fn word_notices_in(&self, tenant: &TenantId, lang: Language) -> Result<(), Refused> {
        let ledger = &self.parts.ledger;
        let Some(old) = ledger.notice_settings(tenant).await? else {
            return Err(Refused::Conflict(remark::ways_none()));
        };
        let settings = NoticeSettings { lang, changed_at: self.now(), version: old.version + 1, ..old };
        if ledger.put_notice_settings(&settings).await? {
            Ok(())
        } else {
            Err(Refused::Conflict(remark::settings_meanwhile()))
        }
    }

    fn random_secret(&self) -> SecretString {
        format!("{PREFIX}{}", BASE64.encode(&self.random_bytes())).into()
    }

    fn read_form(&self, given: &Value) -> Result<Form, Refused> {
        let Some(given) = given.as_object() else {
            return Err(Refused::field("body", (FieldProblem::NotAnObject, "must be an object")));
        };
        let mut errors = vec![];
        for name in given.keys().filter(|name| !FIELDS.contains(&name.as_str())) {
            errors.push(FieldError::new(name, (FieldProblem::UnknownField, "is not a field of these settings")));
        }
        let mut form = Form::default();
        webhook(given, &mut form, &mut errors);
        form.email = email(given, &mut errors);
        form.topic = topic(given, &mut errors);
        form.kinds = kinds(given, &mut errors);
        form.digest = digest(given, &mut errors);
        form.lang = lang(given, &mut errors);
        for (way, field, wanted) in
            [(NoticeWay::Email, "email", !form.email.is_empty()), (NoticeWay::Topic, "topic", form.topic)]
        {
            if wanted && !self.can_tell_by(way) {
                errors.push(FieldError::new(
                    field,
                    (FieldProblem::NotOffered, "this deployment has no such way; its README says how to give it one"),
                ));
            }
        }
        if errors.is_empty() { Ok(form) } else { Err(Refused::Fields(errors)) }
    }
}

fn webhook(given: &Map<String, Value>, form: &mut Form, errors: &mut Vec<FieldError>) {
    let webhook = match given.get("webhook") {
        None | Some(Value::Null) => return,
        Some(Value::Object(webhook)) => webhook,
        Some(_) => {
            return errors
                .push(FieldError::new("webhook", (FieldProblem::NotAnObject, "must be {\"url\",\"secret\"} or null")));
        }
    };
    for name in webhook.keys().filter(|name| !["url", "secret"].contains(&name.as_str())) {
        errors.push(FieldError::new(
            format!("webhook.{name}"),
            (FieldProblem::UnknownField, "is not a field of a webhook"),
        ));
    }
    match webhook.get("url").and_then(Value::as_str).filter(|url| is_address(url)) {
        Some(url) => form.url = Some(url.to_owned()),
        None => errors.push(FieldError::new(
            "webhook.url",
            (FieldProblem::NotAnAddress, "must be an http or https address without user and fragment"),
        )),
    }
    match webhook.get("secret") {
        None => {}
        Some(Value::Null) => form.secret = Some(None),
        Some(Value::String(secret)) if signing_key(secret).is_some() => form.secret = Some(Some(secret.clone().into())),
        Some(_) => {
            let (least, most) = (KEY_BYTES.start(), KEY_BYTES.end());
            let problem = format!("must be {PREFIX} and {least} to {most} bytes in base64; null makes one");
            errors.push(FieldError::new("webhook.secret", (FieldProblem::NotASecret, problem)));
        }
    }
}

fn is_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
            && text.len() <= URL_CHARS_MAX
    })
}

fn email(given: &Map<String, Value>, errors: &mut Vec<FieldError>) -> Vec<String> {
    let list = match given.get("email") {
        None | Some(Value::Null) => return vec![],
        Some(Value::Array(list)) if list.len() <= RECIPIENTS_MAX => list,
        Some(_) => {
            errors.push(FieldError::new(
                "email",
                (FieldProblem::TooMany, format!("must be a list of at most {RECIPIENTS_MAX} addresses")),
            ));
            return vec![];
        }
    };
    let mut addresses = vec![];
    for (index, value) in list.iter().enumerate() {
        match value.as_str().map(str::trim).filter(|address| is_mailbox(address)) {
            Some(address) => addresses.push(address.to_owned()),
            None => errors.push(FieldError::new(
                format!("email.{index}"),
                (FieldProblem::NotAnEmail, "must be an address: name@example.com"),
            )),
        }
    }
    addresses
}

fn is_mailbox(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>(),;:\\\"[]".contains(c);
    text.len() <= ADDRESS_CHARS_MAX
        && text.chars().all(plain)
        && text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty()
                && host.contains('.')
                && !host.contains('@')
                && !host.starts_with('.')
                && !host.ends_with('.')
        })
}

fn topic(given: &Map<String, Value>, errors: &mut Vec<FieldError>) -> bool {
    match given.get("topic") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(topic)) => *topic,
        Some(_) => {
            errors.push(FieldError::new("topic", (FieldProblem::NotABoolean, "must be true or false")));
            false
        }
    }
}

fn kinds(given: &Map<String, Value>, errors: &mut Vec<FieldError>) -> BTreeSet<NoticeKind> {
    let list = match given.get("kinds") {
        None | Some(Value::Null) => return BTreeSet::new(),
        Some(Value::Array(list)) => list.as_slice(),
        Some(_) => &[Value::Null],
    };
    let mut kinds = BTreeSet::new();
    for value in list {
        match NoticeKind::CHOSEN.into_iter().find(|kind| value.as_str() == Some(kind.as_str())) {
            Some(kind) => drop(kinds.insert(kind)),
            None => {
                let words = NoticeKind::CHOSEN.map(NoticeKind::as_str).join(", ");
                errors.push(FieldError::new("kinds", (FieldProblem::NotAList, format!("must be a list of {words}"))));
                break;
            }
        }
    }
    kinds
}

fn lang(given: &Map<String, Value>, errors: &mut Vec<FieldError>) -> Option<Language> {
    let value = given.get("lang").filter(|value| !value.is_null())?;
    let known = value.as_str().and_then(Language::from_code);
    if known.is_none() {
        let codes: Vec<&str> = Language::ALL.iter().map(|language| language.as_str()).collect();
        errors.push(FieldError::new("lang", (FieldProblem::NotOneOf, format!("must be one of {}", codes.join(", ")))));
    }
    known
}

fn digest(given: &Map<String, Value>, errors: &mut Vec<FieldError>) -> Option<(i8, String)> {
    let digest = match given.get("digest") {
        None | Some(Value::Null) => return None,
        Some(Value::Object(digest)) => digest,
        Some(_) => {
            errors.push(FieldError::new(
                "digest",
                (FieldProblem::NotAnObject, "must be {\"hour\",\"time_zone\"} or null"),
            ));
            return None;
        }
    };
    for name in digest.keys().filter(|name| !["hour", "time_zone"].contains(&name.as_str())) {
        errors.push(FieldError::new(
            format!("digest.{name}"),
            (FieldProblem::UnknownField, "is not a field of a digest"),
        ));
    }
    let hour = digest.get("hour").and_then(Value::as_i64).filter(|hour| (0..=HOUR_MAX).contains(hour));
    let hour = hour.and_then(|hour| i8::try_from(hour).ok());
    if hour.is_none() {
        errors.push(FieldError::new(
            "digest.hour",
            (FieldProblem::OutOfRange, format!("must be a number from 0 to {HOUR_MAX}")),
        ));
    }
    let zone = digest.get("time_zone").and_then(Value::as_str).filter(|zone| TimeZone::get(zone).is_ok());
    if zone.is_none() {
        errors.push(FieldError::new(
            "digest.time_zone",
            (FieldProblem::NotATimeZone, "must be a name of the time zone database: Europe/Prague"),
        ));
    }
    hour.zip(zone.map(ToOwned::to_owned))
}
