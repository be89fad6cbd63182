//! Stable codes: the same word means the same everywhere.

use serde::{Deserialize, Serialize};

/// What a code is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// A problem of a call to our API or webhooks.
    Problem,
    /// A step of a connection check.
    Check,
    /// A failed attempt.
    Attempt,
    /// A skip.
    Skip,
    /// A finding on an order.
    Finding,
}

macro_rules! codes {
    ($($name:ident = $word:literal, $family:ident, $label:literal, $explanation:literal, $next:literal;)*) => {
        /// A stable code with its label, explanation and next step.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Code { $(#[doc = $explanation] $name,)* }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word used in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str { match self { $(Self::$name => $word,)* } }

            /// What it is about.
            #[must_use]
            pub const fn family(self) -> Family { match self { $(Self::$name => Family::$family,)* } }

            /// A few words for people.
            #[must_use]
            pub const fn label(self) -> &'static str { match self { $(Self::$name => $label,)* } }

            /// A sentence for people.
            #[must_use]
            pub const fn explanation(self) -> &'static str { match self { $(Self::$name => $explanation,)* } }

            /// What a person can do.
            #[must_use]
            pub const fn next_step(self) -> &'static str { match self { $(Self::$name => $next,)* } }

            /// Its page of advice. A code without one does not compile.
            pub(crate) const fn page(self) -> &'static str {
                match self { $(Self::$name => include_str!(concat!("../advice/", $word, ".md")),)* }
            }
        }
    };
}

codes! {
    UnknownConnection = "unknown_connection", Problem, "Unknown connection", "There is no connection with this id and role.", "Look at the list of connections for the right id.";
    UnknownExport = "unknown_export", Problem, "Unknown export", "There is no export with this id.", "Search by order, document or tracking number.";
    UnknownOrder = "unknown_order", Problem, "Unknown order", "Nothing is known about this order at this channel.", "Check the reference and the channel.";
    UnknownJob = "unknown_job", Problem, "Unknown job", "There is no job with this id.", "Start the job again; starting twice is safe.";
    UnknownCode = "unknown_code", Problem, "Unknown code", "No code or reason has this name.", "Look at the list of codes.";
    UnknownConnector = "unknown_connector", Problem, "Unknown connector", "No connector has this name, or it does not have this role.", "Choose one from the list of connectors.";
    UnknownPath = "unknown_path", Problem, "Nothing here", "This address leads nowhere.", "Look at the API description for the calls there are.";
    MethodNotAllowed = "method_not_allowed", Problem, "Method not allowed", "This address does not take this method.", "Look at the API description for the methods it takes.";
    InvalidField = "invalid_field", Problem, "A field is wrong", "A field is missing, unknown or has a value that cannot be used.", "Correct the named fields and send again.";
    InvalidJson = "invalid_json", Problem, "Not readable", "The body is not the JSON that this call takes.", "Correct the body; the detail names the place.";
    InvalidBody = "invalid_body", Problem, "Not readable", "The body is authentic but cannot be read.", "Have the sender repeat it; if it stays so, tell us the connector and the time.";
    TooLarge = "too_large", Problem, "Too large", "The body is larger than allowed.", "Send a smaller body.";
    Unauthenticated = "unauthenticated", Problem, "Not authentic", "The token, signature or login is missing or wrong.", "Check the token, or the webhook secret on both sides.";
    Forbidden = "forbidden", Problem, "Not allowed", "Whoever asks may look at everything and change nothing, or a form came without the token of its page.", "Ask an operator to do it, or to make you one; if you are one, load the page anew and repeat it.";
    HostRefused = "host_refused", Problem, "Host refused", "The Host header is not one this server answers to.", "Use its public address, or the one the server prints at start.";
    NoTenant = "no_tenant", Problem, "No merchant named", "The login is good, but it names no merchant whose data could be shown.", "Ask whoever manages the users to set the tenant claim of yours, then log in anew.";
    LoginFailed = "login_failed", Problem, "The login failed", "The login could not be completed: it took too long, went on in another browser, or the identity provider's answer did not fit.", "Log in once more; if it stays so, the log names the reason.";
    IssuerUnavailable = "issuer_unavailable", Problem, "Identity provider unavailable", "The identity provider could not be reached, or its answer could not be used.", "Repeat it in a moment; if it stays so, check the issuer and client id that were set.";
    Conflict = "conflict", Problem, "Not possible now", "The state does not allow this.", "Look at the present state and decide again.";
    EmptyFilter = "empty_filter", Problem, "Filter is empty", "An empty filter would mean everything.", "Name a filter, or say {\"all\":true}.";
    InUse = "in_use", Problem, "Data directory in use", "Another process works on this data directory.", "Stop the other process, or choose another directory.";
    StoreUnavailable = "store_unavailable", Problem, "Store or queue unavailable", "The store, the queue or a key could not be read or written.", "Nothing was lost: repeat the call in a moment.";
    NotReachableByVendor = "not_reachable_by_vendor", Problem, "No public address", "Vendors cannot reach this server under its local address.", "Start with --public-url.";

    Unreachable = "unreachable", Check, "Cannot be reached", "No connection to the host could be made.", "Check the address and whether the host is up.";
    AddressRefused = "address_refused", Check, "Address refused", "The address is private, loopback or link-local, and such targets are not allowed.", "Use a public address, or start with --allow-private-targets if that is wanted.";
    TlsFailed = "tls_failed", Check, "Secure connection failed", "The host's certificate could not be verified.", "Check the host name and its certificate.";
    CredentialsRefused = "credentials_refused", Check, "Credentials refused", "The vendor does not accept these credentials.", "Enter new credentials and run the check, or connect it at the vendor once more if that is how it was allowed.";
    PermissionMissing = "permission_missing", Check, "Right missing", "The credentials are good, but a right is missing.", "Grant the named right at the vendor and run the check.";
    SubscriptionInactive = "subscription_inactive", Check, "Subscription inactive", "The vendor's plan or feature is not active.", "Activate it at the vendor and run the check.";
    AccountBlocked = "account_blocked", Check, "Account blocked", "The vendor has blocked the account.", "Settle it with the vendor and run the check.";
    NotThatVendor = "not_that_vendor", Check, "Not that vendor", "Something answers there, but not the system this connector speaks to.", "Check the address.";
    ClockSkew = "clock_skew", Check, "Clocks differ", "Our clock and the vendor's differ too much.", "Set the clock of this machine.";
    RateLimited = "rate_limited", Check, "Too many calls", "The vendor asks us to slow down.", "Wait; it goes on by itself.";
    SettingInvalid = "setting_invalid", Check, "A setting is wrong", "The vendor does not know what a setting names.", "Correct the named setting and run the check.";
    WebhookOff = "webhook_off", Check, "The webhook is off", "The vendor has our webhook, and it is switched off.", "Switch it on at the vendor, or let Backhaul register it (manage_webhook).";
    WebhookSilent = "webhook_silent", Check, "Webhooks seem not to arrive", "What changed at this source was found by polling only, five times in a row.", "Look at the webhook at the vendor: its address, its secret, and whether it is switched on.";
    NoticeRefused = "notice_refused", Check, "The notice was not taken", "Whoever receives notices answered that it does not take this one.", "Look at the receiver; it is tried again by itself for three days.";
    WayUnavailable = "way_unavailable", Check, "No such way out", "This deployment has no mail server or topic for notices.", "Set the mail server or the topic of the deployment, or choose another way.";

    VendorError = "vendor_error", Attempt, "The vendor failed", "The vendor answered with an error of its own.", "Look at the vendor's words and its status page, then redrive.";
    VendorRefused = "vendor_refused", Attempt, "The vendor refused", "The vendor refused the request.", "Look at the vendor's words, repair the cause, then redrive.";
    VendorTimeout = "vendor_timeout", Attempt, "No answer in time", "The vendor did not answer in time.", "See whether the vendor is slow or down, then redrive; we look there before sending again.";
    VendorUnreachable = "vendor_unreachable", Attempt, "No connection", "No connection to the vendor, or it broke.", "See whether the vendor is up, then redrive; we look there before sending again.";
    VendorNonsense = "vendor_nonsense", Attempt, "Unreadable answer", "The vendor's answer could not be understood.", "See whether the address leads to the vendor itself, then redrive.";
    AnswerTooLarge = "answer_too_large", Attempt, "Answer too large", "The vendor's answer is larger than we read.", "Look at the document at the vendor, then redrive.";
    ErrorInsideSuccess = "error_inside_success", Attempt, "An error inside a success", "The vendor answered with success and an error inside.", "Look at the vendor's words, repair the cause, then redrive.";
    NotAPdf = "not_a_pdf", Attempt, "Not a PDF", "What the source gave is not a PDF or is too large.", "Open the document at the source, then redrive.";
    OrderState = "order_state", Attempt, "The order does not allow it", "The order's state at the target does not allow this.", "Look at the order at the target, then redrive.";
    NotConfirmed = "not_confirmed", Attempt, "Not found afterwards", "The vendor reported success, but what was sent is not there.", "Look at the target; redrive looks there first.";
    Crashed = "crashed", Attempt, "Crashed", "The work on this export ended without an outcome, again and again.", "Tell us the export id; redrive tries it once more, alone.";

    NoOrderReference = "no_order_reference", Skip, "No order reference", "The document quotes no order, so it belongs to no channel.", "Nothing, if it is not a shop's or marketplace's; else correct it at the source.";
    NoChannelMatches = "no_channel_matches", Skip, "No channel matches", "The order reference fits no channel.", "Nothing, if it is not a shop's or marketplace's; else look at the channels' order patterns.";
    NotCarried = "not_carried", Skip, "Left out by rule", "The source's rule leaves such documents out.", "Change the source's rule if it should go.";
    SwitchedOff = "switched_off", Skip, "Switched off", "The switch for this is off at the target.", "Switch it on, then run a batch export.";
    Unsupported = "unsupported", Skip, "Not possible there", "The target has no place for this.", "Nothing; the connector's page says what the target can take.";
    RuleNever = "rule_never", Skip, "A rule says never", "A rule of the target says that this is not sent.", "Change the rule if it should go, then run a batch export.";
    MarketplaceInvoices = "marketplace_invoices", Skip, "The marketplace invoices", "The marketplace issues this invoice itself.", "Nothing.";
    DocumentGone = "document_gone", Skip, "Gone at the source", "The source no longer has it.", "Nothing, unless it was removed by mistake.";
    DocumentCancelled = "document_cancelled", Skip, "Cancelled at the source", "It was cancelled at the source before it went out.", "Nothing.";
    OrderCancelled = "order_cancelled", Skip, "Order cancelled", "The order was cancelled at the target.", "Nothing, unless the cancellation was a mistake.";
    OneNumberPerOrder = "one_number_per_order", Skip, "One number per order", "The target holds one tracking number per order and already has one.", "Activate multi-shipment at the marketplace if every parcel should be told.";
    Dismissed = "dismissed", Skip, "Dismissed", "A person said that this is not needed.", "Send it by hand if it is needed after all.";

    CancelledAfterSending = "cancelled_after_sending", Finding, "Cancelled after it went out", "The source cancelled what has already been carried, or may have been. It still stands at the target.", "Look at the target and take it back there if it must not stand, then mark the finding as seen.";
    GoneAfterSending = "gone_after_sending", Finding, "Gone after it went out", "The source no longer has what has already been carried, or may have been. It still stands at the target.", "Look at the target and take it back there if it must not stand, then mark the finding as seen.";
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Code {
    /// Reads [`Code::as_str`].
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn words_and_serialised_names_agree() {
        for code in Code::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
            assert_eq!(code.to_string(), code.as_str());
            assert_eq!(Code::from_word(code.as_str()), Some(*code));
        }
    }
}
