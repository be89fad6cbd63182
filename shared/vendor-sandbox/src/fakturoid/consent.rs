//! The authorization code flow: the page on which a person allows, codes, and refresh tokens.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use data_encoding::BASE64URL_NOPAD;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use url::Url;

use super::oauth_error;
use crate::clock::{self, Millis};
use crate::http::{Answer, Call};
use crate::world::Tx;

/// A code on its way through somebody's browser.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Code {
    code: String,
    redirect_uri: String,
    challenge: Option<String>,
    expires: Millis,
}

/// A refresh token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Refresh {
    token: String,
    /// What a person has allowed once.
    pub(super) grant: String,
    /// When another one was first given for it.
    spent: Option<Millis>,
}

/// What people have allowed.
#[derive(Default)]
pub(super) struct Consents {
    codes: HashMap<String, Code>,
    refresh: HashMap<String, Refresh>,
}

fn page(status: u16, text: &str) -> Answer {
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Practice Fakturoid</title><main>{text}</main>"
    );
    Answer::bytes(status, "text/html; charset=utf-8", Bytes::from(page))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// Who does not name the integration as it is registered sees why, and is sent nowhere (RFC 6749, 4.1.2.1).
fn asked(asked: &BTreeMap<String, String>, client: &str, registered: Option<&str>) -> Result<Url, Answer> {
    let get = |name: &str| asked.get(name).map(String::as_str);
    if get("client_id") != Some(client) {
        return Err(page(400, "<h1>Unknown integration</h1>"));
    }
    let registered = registered.ok_or_else(|| page(400, "<h1>The integration has no URL for redirect</h1>"))?;
    if get("redirect_uri") != Some(registered) {
        return Err(page(400, "<h1>The URL for redirect does not match</h1>"));
    }
    if get("response_type") != Some("code") || get("code_challenge_method").is_some_and(|method| method != "S256") {
        return Err(page(400, "<h1>This response type is not supported</h1>"));
    }
    Url::parse(registered).map_err(|_| page(400, "<h1>The URL for redirect is none</h1>"))
}

fn sent_to(mut url: Url, pairs: &[(&str, &str)]) -> Answer {
    url.query_pairs_mut().extend_pairs(pairs);
    Answer::empty(302).with("location", url.as_str()).with("cache-control", "no-store")
}

impl Consents {
    /// The page with its two buttons.
    pub(super) fn show(call: &Call, client: &str, registered: Option<&str>) -> Answer {
        let given: BTreeMap<String, String> = call.query.iter().cloned().collect();
        if let Err(refusal) = asked(&given, client, registered) {
            return refusal;
        }
        let hidden: String = given
            .iter()
            .map(|(name, value)| {
                format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escaped(name), escaped(value))
            })
            .collect();
        let text = format!(
            "<h1>Allow access to your account?</h1><form method=\"post\">{hidden}\
             <button name=\"decision\" value=\"allow\">Allow</button> \
             <button name=\"decision\" value=\"deny\">Deny</button></form>"
        );
        page(200, &text)
    }

    /// A person has pressed one.
    pub(super) fn decide(
        &mut self,
        call: &Call,
        (client, registered): (&str, Option<&str>),
        code_seconds: i64,
        tx: &mut Tx,
    ) -> Answer {
        let given: BTreeMap<String, String> = url::form_urlencoded::parse(&call.body).into_owned().collect();
        let back = match asked(&given, client, registered) {
            Ok(back) => back,
            Err(refusal) => return refusal,
        };
        let state = given.get("state").map(|state| ("state", state.as_str()));
        if given.get("decision").map(String::as_str) != Some("allow") {
            let said = ("error_description", "The resource owner denied the request.");
            let pairs: Vec<_> = [("error", "access_denied"), said].into_iter().chain(state).collect();
            return sent_to(back, &pairs);
        }
        let code = Code {
            code: clock::random_hex(20),
            redirect_uri: given.get("redirect_uri").cloned().unwrap_or_default(),
            challenge: given.get("code_challenge").cloned(),
            expires: tx.now + code_seconds * 1000,
        };
        tx.put("code", &code.code, &code);
        let pairs: Vec<_> = std::iter::once(("code", code.code.as_str())).chain(state).collect();
        let answer = sent_to(back, &pairs);
        self.codes.insert(code.code.clone(), code);
        answer
    }

    /// A code is exchanged, once: whatever is wrong with the call, it is of no use afterwards.
    pub(super) fn exchange(&mut self, given: &BTreeMap<String, String>, tx: &mut Tx) -> Result<Refresh, Answer> {
        let refused = || oauth_error(400, "invalid_grant", "The authorization code is invalid or expired");
        let get = |name: &str| given.get(name).map(String::as_str);
        let code =
            get("code").ok_or_else(|| oauth_error(400, "invalid_request", "Missing required parameter: code"))?;
        let code = self.codes.remove(code).ok_or_else(refused)?;
        tx.delete("code", &code.code);
        let proof = get("code_verifier").map(|text| BASE64URL_NOPAD.encode(digest(&SHA256, text.as_bytes()).as_ref()));
        let proven = code.challenge.is_none() || code.challenge == proof;
        if code.expires <= tx.now || get("redirect_uri") != Some(code.redirect_uri.as_str()) || !proven {
            return Err(refused());
        }
        Ok(self.give(clock::random_hex(8), tx))
    }

    /// A refresh token is used. Where they are exchanged, one that was used longer ago than so many seconds ends all that
    /// came of the same consent: somebody else has it (RFC 9700, 4.14.2).
    pub(super) fn refresh(
        &mut self,
        given: &BTreeMap<String, String>,
        exchanged: Option<i64>,
        tx: &mut Tx,
    ) -> Result<Refresh, Answer> {
        let refused = || oauth_error(400, "invalid_grant", "The refresh token is invalid, expired or revoked");
        let token = given
            .get("refresh_token")
            .ok_or_else(|| oauth_error(400, "invalid_request", "Missing required parameter: refresh_token"))?;
        let known = self.refresh.get_mut(token).ok_or_else(refused)?;
        let Some(again_seconds) = exchanged else {
            return Ok(known.clone());
        };
        if known.spent.is_some_and(|spent| tx.now >= spent + again_seconds * 1000) {
            let grant = known.grant.clone();
            self.revoke(Some(&grant), tx);
            return Err(refused());
        }
        known.spent.get_or_insert(tx.now);
        tx.put("refresh", &known.token, known);
        let grant = known.grant.clone();
        Ok(self.give(grant, tx))
    }

    /// Ends what came of one consent, or of all.
    pub(super) fn revoke(&mut self, grant: Option<&str>, tx: &mut Tx) {
        self.refresh.retain(|token, refresh| {
            let keep = grant.is_some_and(|grant| refresh.grant != grant);
            if !keep {
                tx.delete("refresh", token);
            }
            keep
        });
    }

    /// Whether what came of a consent still counts.
    pub(super) fn holds(&self, grant: &str) -> bool {
        self.refresh.values().any(|refresh| refresh.grant == grant)
    }

    fn give(&mut self, grant: String, tx: &mut Tx) -> Refresh {
        let refresh = Refresh { token: clock::random_hex(40), grant, spent: None };
        tx.put("refresh", &refresh.token, &refresh);
        self.refresh.insert(refresh.token.clone(), refresh.clone());
        refresh
    }

    pub(super) fn load_code(&mut self, body: &str) -> Result<(), serde_json::Error> {
        let code: Code = serde_json::from_str(body)?;
        self.codes.insert(code.code.clone(), code);
        Ok(())
    }

    pub(super) fn load_refresh(&mut self, body: &str) -> Result<(), serde_json::Error> {
        let refresh: Refresh = serde_json::from_str(body)?;
        self.refresh.insert(refresh.token.clone(), refresh);
        Ok(())
    }
}

impl Refresh {
    /// What is shown of it in an answer.
    pub(super) fn token(&self) -> &str {
        &self.token
    }
}
