//! Every remark of ours about exports, connections and what people ask for, in English. Other languages have it by its name.

#![expect(clippy::doc_markdown, reason = "each is documented by what it says, word for word")]

use crate::Said;
use std::fmt::Display;

/// A remark before its gaps are filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Its name.
    pub code: &'static str,
    /// The names of its gaps.
    pub gaps: &'static [&'static str],
    /// Its English, with the gaps in braces.
    pub english: &'static str,
}

macro_rules! remarks {
    ($($name:ident($($gap:ident),*) = $english:literal;)*) => {
        $(
            #[doc = $english]
            #[must_use]
            pub fn $name($($gap: impl Display),*) -> Said {
                Said::remark(stringify!($name), $english, &[$((stringify!($gap), &$gap)),*])
            }
        )*

        /// Every one.
        pub const ALL: &[Shape] = &[
            $(Shape { code: stringify!($name), gaps: &[$(stringify!($gap)),*], english: $english },)*
        ];
    };
}

// What waits, and what is left out.
remarks! {
    waits_sent() = "the rule waits until it was sent to the buyer";
    waits_payment() = "the rule waits until a payment is under way";
    waits_paid() = "the rule waits until it is paid";
    waits_scan() = "the courier has not scanned the parcel";
    waits_person() = "the rule waits for a person to confirm the shipment";
    document_and_order(document, order) = "the document says {document}, the order {order}";
    invoice_first() = "its invoice must arrive first";
    order_busy(export) = "another export of this order is under way: {export}";
    call_may_arrive() = "an earlier call may still take effect there";
    older_call_may_arrive() = "a call with an older version may still take effect there";
    call_unanswered() = "an earlier call ended without an answer";
    channel_unasked(connection) = "{connection} cannot be asked now";
    source_unasked() = "the source cannot be asked now";
    asked(connections) = "asked: {connections}";
    candidates(connections) = "candidates: {connections}";
    reference_missing(connection, reference) = "{connection} does not have {reference}";
    older_version(told, known) = "the source told its version of {told}, but has told of one of {known} before";
    number_not_noted() = "no parcel's number stands at the order yet";
    order_over() = "the order is over, and no such number stands at it";
    source_gone() = "the source was removed or switched off";
    connection_gone() = "the connection was removed";
    crashed() = "the work ended without an outcome three times, the last time alone";
    work_crashed() = "the work on this ended without an outcome, again and again";
    given_up() = "the work on this was given up by the queue, and no record of it was found";
    given_up_early() = "the work on this was given up by the queue before anything was recorded";
    message_unreadable() = "a message of the queue cannot be read; what it was about is not known";
    out_of_reach() = "it cannot be reached; one export at a time tries again";

    // Of an order, as its channel has it.
    order_gone() = "the order is not at the marketplace any more";
    order_is(stage) = "the order is {stage}";
    order_stateless() = "the order is without a state";
    order_not_accepted(stage) = "the order is {stage} and must be accepted and debited first";
    order_not_shippable(stage) = "the order is {stage} and cannot be shipped yet";
    order_twice() = "the shop has two orders with this number";
    closed_without_invoice() = "the order is closed, and no invoice of it is ours";
    closed_without_shipment() = "the order is closed, and no shipment of it is ours";
    closed_without_memo() = "the order is closed, and no credit memo of it is ours";
    nothing_to_invoice() = "the order has nothing left to invoice";
    nothing_to_ship() = "the order has nothing to ship and no shipment that could take the number";
    invoice_unnamed(number) = "no invoice of the order names its invoice {number}";
    invoice_file_missing(number) = "the order has no file of its invoice {number}";
    invoice_differs(system, number) = "{system}'s invoice {number} was made for this document with another total or other quantities, and {system} cannot change an invoice";
    invoice_other(system, number) = "the order already has {system}'s invoice {number}, which no export has made";
    memo_other(system, number) = "the order already has {system}'s credit memo {number}, which may be this refund and which no export has made";
    memo_differs(system, number, total, wanted) = "{system}'s credit memo {number} was made for this credit note over {total} instead of {wanted}, and {system} cannot change a credit memo; say that it arrived, or that it is not needed";
    memo_differs_unsaid(system, number, wanted) = "{system}'s credit memo {number} was made for this credit note over another sum instead of {wanted}, and {system} cannot change a credit memo; say that it arrived, or that it is not needed";
    file_name_taken(name, form, id) = "the order already has a document {name} ({form}, id {id}) that is not this one, and file names must differ";
    file_other(name, form, id) = "the order already has {form} {name} (id {id}) that no export has sent";
    files_too_many(count) = "the order already has {count} documents";
    number_for_file() = "the document has no number to name its file by";
    number_for_comment() = "the document has no number to know its comment by";
    number_for_memo() = "the credit note has no number to know its memo by";
    type_unnamed(kind) = "neither setting nor mapping names a type for {kind}";
    one_number_stands() = "another parcel's number stands at the order, and no further shipment can be made";
    carrier_unnamed() = "the parcel names no carrier";
    carrier_unknown(carrier) = "the carrier {carrier} is none of the marketplace's";

    // Of lines and sums.
    lines_too_many(line, more) = "{line}: {more} more than the order has left";
    lines_too_many_unnamed(more) = "a line without article number: {more} more than the order has left";
    lines_strange(strange, all) = "{strange} of {all} lines name nothing of the order";
    lines_nothing() = "no line names anything of the order";
    parcel_lines_nothing() = "the parcel's lines name nothing";
    whole_pieces(line, system, quantity) = "{line}: {system} ships whole pieces, not {quantity}";
    refund_takes_back() = "one of its lines takes some of the refund back";
    refund_without_goods() = "none of its lines names goods of the order; a sum alone is not recorded";
    refund_lines_strange(others, shipping) = "lines over {others} name nothing of the order, whose shipping is {shipping}";
    refund_part_of_piece(line) = "{line} is sold by the piece, and the credit note takes back a part of one";
    refund_part_of_unnamed() = "a line is sold by the piece, and the credit note takes back a part of one";
    refund_nothing(system) = "the credit note is over nothing, and {system} makes no memo over nothing";
    refund_currency(wanted, currency) = "the credit note is over {wanted}, the order in {currency}";
    refund_sum(system, theirs, wanted) = "{system} would refund {theirs} for these lines, the credit note is over {wanted}; correct it, or make the credit memo by hand in {system}, then say that it arrived";
    refund_unpaid(paid, wanted) = "the shop has recorded {paid} as paid and not refunded, the credit note is over {wanted}";
    refund_rounding(system) = "its sum hangs on how {system} rounds half a cent; make the credit memo by hand in {system}, then say that it arrived";
    refund_part_of_cent(system) = "its sum is not whole cents; make the credit memo by hand in {system}, then say that it arrived";
    refund_bundle(system) = "the order has a bundle, and {system} does not say whether its price is the parts' or its own; make the credit memo by hand in {system}, then say that it arrived";
    refund_shipping_discount(system) = "the order has a discount on its shipping, which releases of {system} share out differently; make the credit memo by hand in {system}, then say that it arrived";
    refund_shipping_again(system) = "some of the order's shipping is refunded already; make the credit memo by hand in {system}, then say that it arrived";
    refund_order_sum(system, lines, total) = "the order's lines and shipping come to {lines} and its total is {total}; make the credit memo by hand in {system}, then say that it arrived";

    // Of documents and parcels, as their source has them.
    pdf_in_making(system) = "{system} is still making the PDF";
    pdf_none() = "the source has no document for this";
    pdf_other() = "what came as the PDF does not begin with %PDF";
    pdf_unlinked() = "the document has no token for its PDF";
    label_none() = "the parcel has no label yet";
    label_other() = "what came as the label does not begin with %PDF";
    label_undecoded() = "what came as the label is no PDF in base64";
    label_without_number() = "the carrier has no number for the packet yet";
    packet_unknown(system) = "{system} knows no packet of this id";
    tracking_unknown(system) = "{system} does not know the parcel's tracking yet";
    return_parcel() = "a return parcel: it travels to the merchant";

    // Of calls that brought nothing, and of answers that are none.
    no_answer() = "no answer in time";
    answer_too_large(limit) = "the answer is larger than {limit} bytes";
    paced() = "our own pace, or a limit that was told, allows no call now";
    quota_spent() = "the quota of the day or month is spent";
    host_private(host) = "{host} is a private, loopback or link-local address, and such targets are not allowed";
    host_foreign(host) = "{host} is not a host this connection may call";
    host_missing() = "the address names no host";
    address_unusable(host) = "no request to {host} can be made of this address";
    address_unmade() = "no address can be made of the settings";
    name_unresolved(host) = "the name {host} does not resolve";
    connection_too_slow(host) = "no connection to {host} in time";
    connection_refused(host, cause) = "no connection to {host}: {cause}";
    connection_broken(host, cause) = "the connection to {host} broke: {cause}";
    html_page() = "an HTML page";
    refused_unsaid() = "refused without words";
    errors_unlisted() = "errors are counted, but none is listed";
    shipment_unsaid() = "neither success nor error names the shipment";
    answer_too_deep() = "the answer is nested too deep";
    answer_cut_at(place) = "the answer is not what was expected, at `{place}`: it ends too early";
    answer_not_json(place) = "the answer is not what was expected, at `{place}`: not JSON";
    answer_other_type(place) = "the answer is not what was expected, at `{place}`: another type or a missing field";
    answer_unread(place) = "the answer is not what was expected, at `{place}`: unreadable";
    answer_unexpected(place) = "the answer is not what was expected, at `{place}`";
    answer_not_utf8() = "the answer is not UTF-8";
    answer_not_xml() = "the answer is not XML";
    answer_cut() = "the answer ends too early";
    answer_doctype() = "the answer declares a document type";
    answer_elements() = "the answer has too many elements";
    answer_entity() = "the answer names an entity that it does not have";
    list_endless(list) = "the list of {list} of one order does not end";
    stores_missing() = "the answer is no list of stores";
    comment_other() = "the answer is not the comment that was sent";
    track_other() = "the answer is not the track that was sent";
    value_unknown(field, value) = "{field} `{value}` is not known";
    field_no_time(field) = "{field} is not a time with an offset";
    field_no_date(field) = "{field} is not a date";
    field_no_local_time(field) = "{field} is not a local time";
    field_missing(field) = "{field} is missing";
    field_no_number(field) = "{field} is not a number";
    field_too_large(field) = "{field} is too large";
    currency_unknown(currency) = "`{currency}` is not a currency";
    unproven_order() = "the answer was a success, but the order does not show it";
    unproven_shipment() = "the answer was a success, but the shipment is not in the order's list";
    unproven_document() = "the answer was a success, but the document is not in the order's list";
    unproven_comment() = "the answer was a success, but the comment is not at the order";
    unproven_memo() = "the answer was a success, but the credit memo is not at the order";

    // Of checks.
    connector_unknown() = "this version has no such connector";
    check_too_long(seconds) = "the whole check did not end in {seconds} seconds";
    clock_ahead(seconds) = "the vendor's clock is {seconds} s ahead of ours";
    clock_behind(seconds) = "the vendor's clock is {seconds} s behind ours";
    order_field(known) = "order_reference.field must be one of: {known}";
    setting_no_email(setting) = "{setting} must be an e-mail address";
    setting_no_host(setting, system) = "{setting} is not an address of {system}";
    key_missing(setting) = "{setting} is needed for oauth1";
    key_elsewhere(words) = "{words} (a key is good at one address only: see the setting host)";
    invoices_closed() = "this user has no access to invoices";
    company_missing() = "this user has no company";
    slug_unknown() = "the credentials are good, but they do not belong to an account with this slug";
    type_unknown(setting, value, known) = "{setting} is {value}, but the marketplace has only: {known}";
    parcels_one_told() = "of several parcels of an order one is told";
    parcels_unsaid() = "the marketplace does not say whether several parcels can be told";
    webhook_unasked() = "the vendor could not be asked just now";
    webhook_closed() = "these credentials may not ask for webhooks";
    webhook_unseen() = "the vendor shows none to these credentials; it does not show those of others";
    webhook_off() = "it is switched off there";
    consent_without_refresh() = "the code was exchanged for no refresh token";
    consent_over(answer) = "what was allowed is no longer good, connect it once more: {answer}";
    consent_way_over() = "this way back from the vendor is used up or too old: connect once more";
    consent_missing() = "nobody has allowed this connection at the vendor yet: connect it there";
    consent_replaced() = "what was allowed at the vendor was replaced meanwhile";
    consent_nowhere() = "nobody can allow this connection at its vendor";
    consent_not_asked() = "this connection signs in with what was entered here";
    token_asked_elsewhere() = "another process is just asking the vendor for a token";
    webhook_outdated() = "it proves itself by a secret that was replaced: enter the new one at the vendor";
    webhook_silent() = "what changed there was found only by asking";
    webhook_registered() = "it was registered just now";

    // Of mappings.
    mapping_of_source() = "nothing uses it: only channels have mappings";
    mapping_empty() = "names no counterpart, so it counts as missing";
    mapping_carrier(value) = "{value} is not on the target's list of carriers; it is sent as it is written";
    mapping_type(value) = "{value} is not on the target's list of document types, so it will be refused there";
    mapping_no_types() = "nothing uses it: this target has no types of documents";
    mapping_kinds(kinds) = "nothing uses it: the kinds carried are {kinds}";
    mapping_payment(value) = "nothing uses it: no rule of invoice_when_by_payment is for {value}";
    mapping_delivery() = "nothing uses it: no order tells its delivery kind";

    // Of what a person asks for and is not done.
    not_dead(state) = "it is {state}, no dead letter";
    not_dead_now() = "it is not a dead letter any more";
    nothing_to_retry(state) = "it is {state}: there is nothing to retry";
    nothing_to_decide(state) = "it is {state}: there is nothing to decide";
    not_sent() = "it was not sent anywhere yet, so it cannot have arrived";
    known_already() = "its order and target are already known";
    lines_needed() = "only a document on its way to a target can go without lines";
    arrival_first() = "first say whether it arrived";
    source_unused() = "the source is not in use now, so it cannot be asked";
    target_unasked() = "it is not in use now, so it cannot be asked";
    mail_not_stored() = "looks like an e-mail address, and nothing of buyers is stored";
    target_unused() = "the target is switched off, or has never been in use";
    sources_none() = "no source that is in use can list something for this target";
    counted_or_done() = "this has been done already, or is still being counted";
    job_ended(job) = "it is {job} already";
    channels_only() = "only channels have mappings";
    list_none() = "this connection has no list of documents";
    address_without_token() = "its webhook address holds no token: its vendor signs what it sends";
    webhook_none() = "its vendor sends no webhooks";
    webhook_address() = "its webhook address is no address";
    written_meanwhile() = "somebody else has just written this connection";
    changed_meanwhile() = "somebody has changed it meanwhile: open the form again";
    settings_meanwhile() = "somebody else has just written these settings";
    connection_off() = "the connection is switched off";
    check_first() = "no check of it has succeeded: run the check";
    id_taken() = "this id is taken";
    way_missing() = "this deployment has no such way";
    receiver_answered(status) = "the receiver answered {status}";
    receiver_rests(until) = "the receiver wants no call before {until}";
    mail_address() = "an address of a recipient cannot be used";
    mail_unwritten() = "the mail could not be written";
    mail_insecure() = "no secure connection to the mail server";
    mail_unanswered() = "no connection to the mail server, or an answer that cannot be read";
    ways_none() = "no way of telling is set";
}
