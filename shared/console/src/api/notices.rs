//! Notices: what a tenant wants to be told, and by which way.

use super::input::{JsonBody, Tenant};
use crate::{ConsoleState, Problem};
use axum::Json;
use axum::extract::State;
use domain::{InWords as _, NoticeWay};
use export_flow::notices::{Notice, NoticeSettings, Tried};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

/// `GET /notices`.
pub(crate) async fn get(State(state): State<ConsoleState>, Tenant(tenant): Tenant) -> Result<Json<Value>, Problem> {
    let settings = state.flow.parts().ledger.notice_settings(&tenant).await?;
    let waiting = state.flow.waiting_notices(&tenant).await?;
    Ok(Json(shape(&state, settings.as_ref(), &waiting, None)))
}

/// `PUT /notices`.
pub(crate) async fn put(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    JsonBody(given): JsonBody<Value>,
) -> Result<Json<Value>, Problem> {
    let put = state.flow.put_notice_settings(&tenant, &given).await?;
    let waiting = state.flow.waiting_notices(&tenant).await?;
    Ok(Json(shape(&state, Some(&put.settings), &waiting, put.secret.as_ref())))
}

/// `POST /notices/test`.
pub(crate) async fn test(State(state): State<ConsoleState>, Tenant(tenant): Tenant) -> Result<Json<Value>, Problem> {
    let tried = state.flow.test_notices(&tenant).await?;
    let ways: Vec<Value> = tried.iter().map(|(way, tried)| outcome(*way, tried)).collect();
    Ok(Json(json!({"ways": ways})))
}

fn outcome(way: NoticeWay, tried: &Tried) -> Value {
    let failed = match tried {
        Tried::Failed(why) => Some(why),
        Tried::Sent | Tried::Queued => None,
    };
    json!({
        "way": way, "outcome": tried.as_str(), "code": failed.map(|why| why.code),
        "message": failed.map(|why| &why.message), "next_step": failed.map(|why| why.code.next_step()),
    })
}

/// The settings. Of the secret only whether and since when it is set, and its value once: when it was made.
fn shape(
    state: &ConsoleState,
    settings: Option<&NoticeSettings>,
    waiting: &[Notice],
    made: Option<&SecretString>,
) -> Value {
    let webhook = settings.and_then(|settings| settings.webhook.as_ref()).map(|webhook| {
        let value = made.map(|secret| secret.expose_secret().to_owned());
        json!({"url": webhook.url, "secret": {"set": true, "changed_at": webhook.secret.changed_at, "value": value}})
    });
    let digest = settings.and_then(|settings| settings.digest.as_ref());
    let available: Vec<NoticeWay> = NoticeWay::ALL.into_iter().filter(|way| state.flow.can_tell_by(*way)).collect();
    let waiting: Vec<Value> = waiting.iter().map(untold).collect();
    json!({
        "webhook": webhook,
        "email": settings.map_or(&[][..], |settings| &settings.email),
        "topic": settings.is_some_and(|settings| settings.topic),
        "kinds": settings.map(|settings| &settings.kinds).cloned().unwrap_or_default(),
        "digest": digest.map(|digest| json!({"hour": digest.hour, "time_zone": digest.time_zone})),
        "lang": settings.map(|settings| settings.lang).unwrap_or_default(),
        "changed_at": settings.map(|settings| settings.changed_at),
        "available": available,
        "waiting": waiting,
    })
}

fn untold(notice: &Notice) -> Value {
    let ways: Vec<Value> = notice
        .ways
        .iter()
        .map(|(way, progress)| {
            let error = progress.error.as_ref();
            json!({
                "way": way, "sent_at": progress.sent_at, "failed": progress.failed, "next_at": progress.next_at,
                "code": error.map(|error| error.code), "message": error.map(|error| &error.message),
                "next_step": error.map(|error| error.code.next_step()),
            })
        })
        .collect();
    json!({
        "id": notice.message_id(), "kind": notice.kind, "label": notice.kind.in_words().label, "at": notice.at,
        "connection": notice.facts.connection, "export": notice.facts.export, "ways": ways,
    })
}
