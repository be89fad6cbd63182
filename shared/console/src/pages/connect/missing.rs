//! What a connection or a switch still lacks, and where it is mended.

use crate::pages::view::Link;
use crate::texts::say;
use export_flow::connections::Lack;

/// Something that is missing.
pub(super) struct Missing {
    pub(super) said: &'static str,
    pub(super) mend: Option<Link>,
}

impl Missing {
    /// In words, with the page where it is mended; `here` is the connection's own page, if it has one yet.
    pub(super) fn new(lack: Lack, here: Option<&str>) -> Self {
        let add =
            |role: &str| Some(Link { href: format!("/connections/new#g-{role}"), text: say("connect-add").to_owned() });
        let edit = |text: &'static str| {
            here.map(|here| Link { href: format!("{here}/edit#h-switches"), text: say(text).to_owned() })
        };
        let (said, mend) = match lack {
            Lack::Connector => (say("connect-lacks-connector"), None),
            Lack::AccountingConnection => (say("connect-lacks-accounting"), add("accounting")),
            Lack::CourierConnection => (say("connect-lacks-courier"), add("courier")),
            Lack::ChannelConnection => (say("connect-lacks-channel"), add("channel")),
            Lack::Switches => (say("connect-lacks-switch"), edit("connect-switch-on")),
            Lack::InvoiceWhen => (say("connect-lacks-when"), edit("connect-edit")),
            Lack::Consent => (
                say("connect-lacks-consent"),
                here.map(|here| Link { href: format!("{here}#h-oauth"), text: say("connect-choose").to_owned() }),
            ),
            Lack::PublicAddress => (say("connect-lacks-address"), None),
        };
        Self { said, mend }
    }
}
