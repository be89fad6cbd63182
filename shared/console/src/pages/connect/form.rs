//! The form of a connection, made from its connector's data.

use super::does;
use super::inputs::{Filled, Input};
use super::missing::Missing;
use crate::ConsoleState;
use crate::texts::{say, say_n, say_with, word};
use connectors::{ROTATION_OVERLAP, SECRETS_EXPIRE_ON, Spec, WebhookScheme, WebhookSpec};
use domain::{InWords, InvoiceWhen, Role, Switch};
use export_flow::connections::{Lack, SwitchOffered};
use jiff::SignedDuration;

/// Characters of a name at most.
const LABEL_CHARS_MAX: usize = 200;

/// What one switch lets through, and what that is worth.
pub(super) struct Promise {
    pub(super) guarantee: &'static str,
    pub(super) sentence: &'static str,
}

/// A switch of the form.
pub(super) struct SwitchBox {
    pub(super) name: String,
    pub(super) label: &'static str,
    pub(super) on: bool,
    pub(super) problem: Option<String>,
    pub(super) promises: Vec<Promise>,
    /// What must be there as well before anything is carried.
    pub(super) needs: Vec<Missing>,
}

impl SwitchBox {
    pub(super) fn id(&self) -> String {
        format!("f-{}", self.name.replace('.', "-"))
    }
}

/// The whole form.
pub(super) struct Form {
    /// What it is called.
    pub(super) names: Vec<Input>,
    /// Where it is, and what opens it.
    pub(super) own: Vec<Input>,
    pub(super) switches: Vec<SwitchBox>,
    pub(super) rules: Vec<Input>,
    /// What is seldom needed.
    pub(super) more: Vec<Input>,
    /// It is switched off as a whole; only shown where it is stored.
    pub(super) disabled: Option<bool>,
    /// What is wrong with none of the inputs.
    pub(super) problems: Vec<String>,
}

impl Form {
    /// Of a connector, filled.
    pub(super) fn new(
        state: &ConsoleState,
        spec: &'static Spec,
        offered: &[SwitchOffered],
        filled: &Filled<'_>,
    ) -> Self {
        let is_channel = spec.role == Role::Channel;
        let mut form = Self {
            names: names(spec, filled),
            own: own(spec, filled),
            switches: switches(spec, offered, filled),
            rules: if is_channel { rules(spec, filled) } else { vec![] },
            more: more(state, spec, filled),
            disabled: filled.stored.map(|_| filled.get("state").as_deref() == Some("disabled")),
            problems: vec![],
        };
        let inputs = [&form.names, &form.own, &form.rules, &form.more].into_iter().flatten();
        let names = inputs.map(|input| input.name.as_str()).chain(form.switches.iter().map(|one| one.name.as_str()));
        let problems = filled.elsewhere(names);
        form.problems = problems;
        form
    }

    /// Whether something that is folded away needs to be seen.
    pub(super) fn unfolded(&self) -> bool {
        self.more.iter().any(|input| input.problem.is_some())
    }

    /// Whether something is wrong with it.
    pub(super) fn is_refused(&self) -> bool {
        let inputs = [&self.names, &self.own, &self.rules, &self.more].into_iter().flatten();
        !self.problems.is_empty()
            || inputs.into_iter().any(|input| input.problem.is_some())
            || self.switches.iter().any(|one| one.problem.is_some())
    }
}

fn names(spec: &Spec, filled: &Filled<'_>) -> Vec<Input> {
    let label = Input::text("label", say("connect-label"), filled).help(say("connect-label-help")).like(spec.label);
    let mut names = vec![Input { longest: LABEL_CHARS_MAX, ..label }];
    if filled.stored.is_none() {
        let id = Input::text("id", say("connect-id"), filled).help(say("connect-id-help"));
        names.push(Input { required: true, longest: 64, pattern: Some("[a-z0-9-]{3,64}"), ..id });
    }
    names
}

fn base_url(spec: &Spec, filled: &Filled<'_>) -> Input {
    let help = if spec.fixed_base_url.is_some() { "connect-base-url-fixed" } else { "connect-base-url-help" };
    let input = Input::text("settings.base_url", say("connect-base-url"), filled).help(say(help));
    let example = spec.fixed_base_url.unwrap_or("https://shop.example.com");
    Input { kind: "url", required: spec.fixed_base_url.is_none(), ..input.like(example) }
}

fn own(spec: &Spec, filled: &Filled<'_>) -> Vec<Input> {
    let address = spec.fixed_base_url.is_none().then(|| base_url(spec, filled));
    let fields = spec.fields.iter().map(|field| Input::of_field(spec, field, filled));
    address.into_iter().chain(fields).collect()
}

fn switches(spec: &Spec, offered: &[SwitchOffered], filled: &Filled<'_>) -> Vec<SwitchBox> {
    let of = |switch: Switch| {
        let said = word(switch.in_words());
        let name = format!("switches.{}", said.word);
        let these: Vec<&SwitchOffered> = offered.iter().filter(|one| one.switch == switch).collect();
        let mut needs: Vec<Lack> = these.iter().flat_map(|one| one.needs.iter().copied()).collect();
        needs.sort_unstable();
        needs.dedup();
        SwitchBox {
            on: filled.is_ticked(&name),
            problem: filled.problem(&name),
            label: said.label,
            promises: these
                .iter()
                .map(|one| Promise {
                    guarantee: word(one.guarantee.in_words()).label,
                    sentence: does::promise(spec, one.operation, one.promise),
                })
                .collect(),
            // When invoices go out is asked below.
            needs: needs
                .into_iter()
                .filter(|need| *need != Lack::InvoiceWhen)
                .map(|need| Missing::new(need, None))
                .collect(),
            name,
        }
    };
    spec.switches().map(of).collect()
}

/// When an invoice may go out, in words.
pub(super) fn invoice_when(when: InvoiceWhen) -> (&'static str, &'static str) {
    match when {
        InvoiceWhen::Issued => ("issued", say("connect-when-issued")),
        InvoiceWhen::Sent => ("sent", say("connect-when-sent")),
        InvoiceWhen::InPayment => ("in_payment", say("connect-when-in-payment")),
        InvoiceWhen::Paid => ("paid", say("connect-when-paid")),
        InvoiceWhen::Never => ("never", say("connect-when-never")),
    }
}

fn rules(spec: &Spec, filled: &Filled<'_>) -> Vec<Input> {
    let default = spec.channel.as_ref().and_then(|channel| channel.invoice_when);
    let unset = default.map_or_else(
        || say("connect-choose-one").to_owned(),
        |default| say_with("connect-when-usual", "when", invoice_when(default).1),
    );
    let all = [InvoiceWhen::Issued, InvoiceWhen::Sent, InvoiceWhen::InPayment, InvoiceWhen::Paid, InvoiceWhen::Never];
    let words = all.map(invoice_when).map(|(value, label)| (value, label.to_owned()));
    let choices = std::iter::once(("", unset)).chain(words);
    let help = if default.is_none() { "connect-when-needed" } else { "connect-when-help" };
    let when = Input::select("rules.invoice_when", say("connect-when"), filled, choices).help(say(help));
    let pattern = Input::text("rules.order_pattern", say("connect-order-pattern"), filled)
        .help(say("connect-order-pattern-help"))
        .like(r"^1\d{8}$");
    let sends = spec.switches().any(|switch| switch == Switch::SendInvoice);
    sends.then_some(when).into_iter().chain([pattern]).collect()
}

fn more(state: &ConsoleState, spec: &Spec, filled: &Filled<'_>) -> Vec<Input> {
    let text = |name: &str, label: &'static str, help: String| {
        Input::text(format!("settings.{name}"), say(label), filled).help(&help)
    };
    let usual =
        |help: &'static str, usual: String| format!("{} {}", say(help), say_with("connect-usual", "usual", usual));
    let mut more = vec![];
    if let Some(source) = &spec.source {
        let since = text("since", "connect-since", say("connect-since-help").to_owned());
        more.push(Input { kind: "date", ..since });
        let every = usual("connect-poll-every-help", lasting(source.poll_every));
        more.push(text("poll_every", "connect-poll-every", every).like("5m"));
        let delay = usual("connect-event-delay-help", lasting(source.event_delay));
        more.push(text("event_delay", "connect-event-delay", delay).like("5s"));
        let field = usual("connect-order-field-help", source.order_field.to_owned());
        more.push(text("order_reference.field", "connect-order-field", field).like(source.order_field));
        let pattern = say("connect-reference-pattern-help").to_owned();
        more.push(text("order_reference.pattern", "connect-reference-pattern", pattern).like("ORDER-([0-9]+)"));
    }
    let pace = text("pace", "connect-pace", usual("connect-pace-help", pace_in_words(spec.pace)));
    more.push(Input { pattern: Some("[0-9]+ */ *[0-9]+s|off"), ..pace.like("400/60s") });
    if let Some(bound) = spec.operations.iter().map(|operation| operation.late_bound).max() {
        let bound = usual("connect-late-bound-help", lasting(bound));
        more.push(text("late_bound", "connect-late-bound", bound).like("120s"));
    }
    more.push(expiry(filled));
    if spec.webhook.is_some_and(|webhook| by_token(webhook) || !webhook.secrets.is_empty()) {
        let overlap = usual("connect-overlap-help", lasting(ROTATION_OVERLAP));
        more.push(text("rotation_overlap", "connect-overlap", overlap).like("24h"));
    }
    let moved = filled.stored.is_some_and(|stored| stored.setting("base_url").is_some());
    if spec.fixed_base_url.is_some() && (state.options.allow_private_targets || moved) {
        more.push(base_url(spec, filled));
    }
    more
}

const fn by_token(webhook: WebhookSpec) -> bool {
    matches!(webhook.scheme, WebhookScheme::UrlToken)
}

/// The day on which the secrets end, for whoever knows it.
pub(super) fn expiry(filled: &Filled<'_>) -> Input {
    let name = format!("settings.{SECRETS_EXPIRE_ON}");
    let input = Input::text(name, say("connect-expire-on"), filled).help(say("connect-expire-on-help"));
    Input { kind: "date", ..input }
}

/// A pace as people say it.
pub(super) fn pace_in_words(pace: Option<connectors::Pace>) -> String {
    match pace {
        None => say("connect-pace-off").to_owned(),
        Some(pace) => crate::texts::fill(
            "connect-pace-calls",
            [
                ("n", i64::from(pace.calls).into()),
                ("time", lasting(SignedDuration::from_secs(i64::from(pace.seconds))).into()),
            ],
        ),
    }
}

/// How long something lasts, in its largest whole unit.
pub(super) fn lasting(time: SignedDuration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 => say("connect-no-time").to_owned(),
        _ if seconds % 3_600 == 0 => say_n("connect-hours", seconds / 3_600),
        _ if seconds % 60 == 0 => say_n("connect-minutes", seconds / 60),
        _ => say_n("connect-seconds", seconds),
    }
}
