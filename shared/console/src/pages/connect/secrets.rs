//! Exchanging a connection's secrets: new ones are tried first, and lie beside those in use until they work.

use super::form;
use super::given::{rotation, withdrawal};
use super::inputs::{Filled, Input};
use super::one::{self, Beside};
use super::spec_of;
use crate::ConsoleState;
use crate::pages::fault::Fault;
use crate::pages::guard::Posted;
use crate::pages::health::{self, StepFacts};
use crate::pages::links;
use crate::pages::view::{When, show};
use crate::texts::{self, say, word};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use connectors::{Account, Secrets, Spec, WebhookScheme};
use domain::{Connection, InWords, Word};
use export_flow::connections::{CHECK_SECS_MAX, Outcome, expires_at, expires_soon};
use export_flow::refused::Refused;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};

/// New secrets that wait for their first success.
pub(super) struct Pending {
    /// What people call them.
    pub(super) names: Vec<&'static str>,
    pub(super) since: When,
    pub(super) tried: Option<When>,
    pub(super) next: Option<When>,
    pub(super) failure: Option<(Word, String)>,
}

/// What the page of a connection shows of its secrets.
pub(super) struct Exchange {
    /// The form's inputs.
    pub(super) secrets: Vec<Input>,
    /// Settings that may change with them.
    pub(super) settings: Vec<Input>,
    pub(super) pending: Option<Pending>,
    /// Steps of a try that failed just now.
    pub(super) steps: Vec<StepFacts>,
    /// Old secrets that webhooks may still be signed with.
    pub(super) former: Vec<(&'static str, When)>,
    /// Until when old tokens of the webhook's address are taken.
    pub(super) former_tokens: Vec<When>,
    pub(super) expires: Option<When>,
    pub(super) expires_soon: bool,
    /// What has just become of new ones.
    pub(super) said: Option<&'static str>,
    /// Something typed is wrong.
    pub(super) refused: bool,
    /// The address of its webhook holds a token, which can be renewed.
    pub(super) has_token: bool,
}

impl Exchange {
    pub(super) fn new(spec: &'static Spec, connection: &Connection, beside: &Beside<'_>, now: Timestamp) -> Self {
        let (typed, errors) = beside.typed.map_or((None, &[][..]), |(typed, errors)| (Some(typed), errors));
        let filled = Filled { stored: Some(connection), typed, errors, now };
        let (secret, open): (Vec<_>, Vec<_>) = spec.fields.iter().partition(|field| field.secret);
        let input = |field: &connectors::FieldSpec| Input {
            required: false,
            removable: false,
            ..Input::of_field(spec, field, &filled)
        };
        let called = |name: &str| {
            let field = spec.fields.iter().find(|field| field.name == name);
            let allowed = spec.oauth.is_some_and(|oauth| oauth.secret == name).then(|| say("oauth-secret"));
            field.map_or(allowed.unwrap_or_default(), |field| texts::connector_field(spec.id, field).0)
        };
        let overlap = Account::open(connection.clone(), spec, Secrets::default())
            .map_or(connectors::ROTATION_OVERLAP, |account| account.rotation_overlap);
        let ends = |at: Timestamp, until: Timestamp| Some(domain::ends(at, until, overlap)).filter(|end| now < *end);
        let rotation = &connection.rotation;
        let former =
            rotation.former.iter().filter_map(|old| Some((called(&old.name), ends(old.replaced_at, old.until)?)));
        let tokens = rotation.former_tokens.iter().filter_map(|old| ends(old.replaced_at, old.until));
        Self {
            secrets: secret.into_iter().map(input).collect(),
            settings: open
                .into_iter()
                .filter(|field| field.choices.is_empty())
                .map(input)
                .chain([form::expiry(&filled)])
                .collect(),
            pending: rotation.pending.as_ref().map(|pending| Pending {
                names: pending.secrets.keys().map(|name| called(name)).collect(),
                since: When::new(pending.since, now),
                tried: pending.tried_at.map(|at| When::new(at, now)),
                next: pending.next_try.map(|at| When::new(at, now)),
                failure: pending.failure.map(|code| (word(code.in_words()), links::code(code.as_str()))),
            }),
            steps: beside.tried.map_or_else(Vec::new, |check| health::steps(&check.steps)),
            former: former.map(|(name, end)| (name, When::new(end, now))).collect(),
            former_tokens: tokens.map(|end| When::new(end, now)).collect(),
            expires: expires_at(connection).map(|at| When::new(at, now)),
            expires_soon: expires_soon(connection, now),
            said: match beside.tried {
                Some(_) => said(Outcome::Pending.as_str()),
                None => beside.asked.and_then(|asked| asked.get("rotated")).and_then(said),
            },
            refused: !errors.is_empty(),
            has_token: spec.webhook.is_some_and(|webhook| webhook.scheme == WebhookScheme::UrlToken),
        }
    }
}

fn said(outcome: &str) -> Option<&'static str> {
    let outcome = Outcome::ALL.into_iter().find(|known| known.as_str() == outcome)?;
    Some(match outcome {
        Outcome::Replaced => say("connect-rotated-replaced"),
        Outcome::Pending => say("connect-rotated-pending"),
        Outcome::Withdrawn => say("connect-rotated-withdrawn"),
    })
}

/// `POST /connections/{id}/secrets`.
pub(in crate::pages) async fn exchange(
    State(state): State<ConsoleState>,
    Path(id): Path<String>,
    Posted { session, fields }: Posted,
) -> Result<Response, Fault> {
    let stored = state.flow.connection_of(&session.tenant, &id).await?;
    let spec = spec_of(&state, &stored.connector)?;
    let withdraws = fields.get("withdraw").is_some();
    let given = if withdraws { withdrawal(&stored) } else { rotation(spec, &fields, &stored) };
    let deadline = state.timer.sleep(SignedDuration::from_secs(CHECK_SECS_MAX));
    match state.flow.rotate_secrets(&session.tenant, &id, &given, deadline).await {
        Ok(rotated) => match &rotated.check {
            // The vendor's own words are kept nowhere: they are shown now.
            Some(check) if !check.ok => {
                let beside = Beside { tried: Some(check), ..Beside::default() };
                Ok(show(&one::page(&state, &session, &rotated.connection, &beside).await?))
            }
            _ => {
                let there = links::connection(&rotated.connection.id);
                let there = links::list(&there, [("rotated", rotated.outcome.as_str())]);
                Ok(Redirect::to(&format!("{there}#h-secrets")).into_response())
            }
        },
        Err(Refused::Fields(errors)) => {
            let beside = Beside { typed: Some((&fields, &errors)), ..Beside::default() };
            let page = one::page(&state, &session, &stored, &beside).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)).into_response())
        }
        Err(other) => Err(other.into()),
    }
}
