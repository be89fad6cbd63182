# Connecting a system: choosing it, its form, its page, its end.

connect-choose-title = Connect a system
connect-choose-lead = Which system is to be connected? Each connection is tried before it is kept.
connect-first = Nothing is connected yet. Begin with the system that issues your invoices, then your courier, then your shops and marketplaces.
connect-choose = Connect
connect-there = { $n ->
    [one] There is one already.
   *[other] There are { $n } already.
}
connect-hears-webhook = It tells us of changes by itself, and is asked for them as well.
connect-hears-polled = It is asked for changes regularly.
connect-hears-told = Parcels are told to us, or found by their numbers at orders.

connect-new-title = Connect { $vendor }
connect-edit-title = Change { $label }
connect-required = required
connect-choose-one = Please choose
connect-vendor-page = The vendor’s page about it
connect-kept = Stored; leave it empty to keep it. Set:
connect-forget = Remove what is stored

connect-names = What it is called
connect-label = Name
connect-label-help = What you call it on these pages.
connect-id = Short name
connect-id-help = 3 to 64 small letters, digits and hyphens. It stands in addresses and cannot be changed later.
connect-own = Access to { $vendor }
connect-base-url = Address
connect-base-url-help = Where you open it in a browser, with https:// and without a page behind it.
connect-base-url-fixed = Takes the place of the vendor’s own address. Only for practice.

connect-switches = What is carried there
connect-guarantee = Kept from happening twice: { $guarantee }.
connect-when = Invoices go out
connect-when-help = Which state an invoice must have at its source.
connect-when-needed = Needed if invoices are carried: here each one makes a record that changes the order.
connect-when-usual = as is usual here: { $when }
connect-when-issued = as soon as they have a number
connect-when-sent = once they were sent to the buyer
connect-when-in-payment = once a payment is under way
connect-when-paid = once they are paid
connect-when-never = never
connect-order-pattern = Its order numbers
connect-order-pattern-help = A regular expression. Needed where two shops or marketplaces could have the same order number.

connect-more = More settings
connect-usual = Without an entry: { $usual }.
connect-since = Documents since
connect-since-help = How far back it is asked for. Without an entry: from the moment on when it is connected.
connect-poll-every = Asked for changes every
connect-poll-every-help = A time such as 5m or 1h.
connect-parcels-every = Each parcel is asked for every
connect-event-delay = Read after an event
connect-event-delay-help = How long to wait before the source is read: a time such as 5s.
connect-order-field = Field with the order number
connect-order-field-help = In the vendor’s words.
connect-reference-pattern = Order number within that field
connect-reference-pattern-help = A regular expression. What stands in its first pair of brackets is the order number, or all that fits.
connect-pace = Calls at most
connect-pace-help = Such as 400/60s, or off. What the vendor says comes first.
connect-pace-off = without a limit of ours
connect-pace-calls = { $n ->
    [one] { $n } call in { $time }
   *[other] { $n } calls in { $time }
}
connect-late-bound = A lost call may still take effect for
connect-late-bound-help = So long we wait before we send again what is in doubt: a time such as 120s.
connect-expire-on = Secrets end on
connect-expire-on-help = If the vendor has told you a day. You are told 14, 3 and 1 days before it.
connect-overlap = Old webhook secrets are accepted for
connect-overlap-help = After a new one was entered: a time such as 24h.
connect-no-time = at once
connect-seconds = { $n } s
connect-minutes = { $n } min
connect-hours = { $n } h
connect-disable = Switched off
connect-disable-help = Nothing is read there and nothing goes there until you switch it on again.

connect-save = Check and save
connect-only-look = You may look here, but change nothing. An operator may.
connect-save-help = It is tried first, which takes up to 20 seconds. It is kept only if it works.
connect-save-anyway = Save all the same
connect-save-anyway-help = Secrets are never shown again: enter them once more. What is saved all the same is kept as not checked; nothing goes out until a check succeeds.
connect-failed = { $vendor } could not be used
connect-failed-new = Nothing was saved.
connect-failed-changed = Nothing was changed: it goes on as it was.
connect-refused = Something is missing or wrong
connect-refused-lead = Nothing was saved. It says at each field what to do. Secrets are never shown again: enter them once more.
connect-made = It works and is in use
connect-made-unverified = It is saved, but does not work yet
connect-changed = The change is saved
connect-changed-unverified = The change is saved, but it does not work yet
connect-eligible = { $n ->
    [one] { $n } export was left out until now because the switch was off. It does not go out by itself.
   *[other] { $n } exports were left out until now because the switch was off. They do not go out by themselves.
}
connect-eligible-list = Which they are
connect-left-out = { $n ->
    [one] { $n } export that waits here is left out when its turn comes, because the switch is off now.
   *[other] { $n } exports that wait here are left out when their turn comes, because the switch is off now.
}
connect-preview = See what the switches would change
connect-outlook = What the switches would change
connect-outlook-help = Nothing has been saved yet. Nothing goes out by a switch alone.
connect-outlook-none = No switch is turned.
connect-outlook-more = There are more than were counted.
connect-would-be-eligible = { $n ->
    [0] Nothing was left out because of a switch that would be on.
    [one] { $n } export was left out because of a switch that would be on. A batch export would find it.
   *[other] { $n } exports were left out because of a switch that would be on. A batch export would find them.
}
connect-would-be-skipped = { $n ->
    [0] Nothing waits that would be left out.
    [one] { $n } export that waits would be left out when its turn comes.
   *[other] { $n } exports that wait would be left out when their turn comes.
}
connect-needs = Still needed:
connect-fetch = Fetch existing documents
connect-fetch-from = Fetch existing documents: { $name }
connect-fetch-help = What it has is shown and counted first. Nothing goes out before you say so.

connect-missing = What is still missing
connect-lacks-connector = This program has no such connector any more.
connect-lacks-accounting = There is no accounting connection yet, so there are no documents to carry.
connect-lacks-courier = There is no courier connection yet, so there are no tracking numbers to carry.
connect-lacks-channel = There is no shop or marketplace yet to carry anything to.
connect-lacks-switch = Every switch is off, so nothing is carried there.
connect-lacks-address = Vendors cannot reach this program yet: start it with --public-url. Until then changes are found by asking.
connect-lacks-when = It is not yet chosen when invoices go out.
connect-add = Add one
connect-switch-on = Switch something on

connect-last-success = Last delivered
connect-no-success = nothing yet
connect-edit = Change
connect-remove = Remove
connect-does = What it can do
connect-does-what = What
connect-does-on = Switched on
connect-does-guarantee = Kept from happening twice
connect-cannot = Not carried there:
connect-troubles = What fails or waits
connect-troubles-why = Why
connect-troubles-count = How many
connect-troubles-last = Last
connect-recent = Newest exports
connect-settings = Settings
connect-further = More about it

connect-secrets = Secrets
connect-expires = They end on
connect-pending = New ones wait:
connect-pending-help = They are used as soon as a check succeeds with them. Until then those in use stay.
connect-pending-tried = Last tried
connect-withdraw = Withdraw the new ones
connect-former = { $name }: the old value is accepted in webhooks until
connect-former-token = The old address of the webhook is accepted until
connect-renew = Make a new webhook address
connect-renew-help = The old address is accepted for a while longer, so that nothing is lost until you have entered the new one.
connect-exchange = Exchange secrets
connect-exchange-help = Enter only those that change. They are tried first; those in use stay until the new ones work.
connect-exchange-with = What changes together with them
connect-exchange-save = Check and exchange
connect-rotated-replaced = The new secrets work and are in use.
connect-rotated-pending = The new secrets do not work yet. Those in use stay.
connect-rotated-withdrawn = The new secrets were withdrawn.

connect-webhook = Webhook
connect-webhook-before = How the webhook is entered at { $vendor }
connect-webhook-once = The address holds a secret and is shown only now: copy it.
connect-webhook-hidden = The end of the address is a secret and is not shown again.
connect-webhook-events = Events:
connect-webhook-retries = If we do not answer, the vendor tries again: { $how }.
connect-calls = Last calls accepted
connect-no-calls = none yet
connect-calls-since = None is left out since
connect-calls-refused = Refused since the program started
connect-calls-times = { $n ->
    [one] { $n } time, last
   *[other] { $n } times, last
}
connect-webhook-test = Test the address
connect-webhook-proves = We call the address from here, without the vendor’s signature, and look who answers. That shows that the address leads to this program and that it knows the connection. It does not show that the vendor can reach it, nor that the secret entered there fits: only its first call does.
connect-webhook-ours = Our endpoint answers there. It knows this connection and refuses what its vendor has not signed.
connect-webhook-not-known = Our endpoint answers there, but does not know this connection. Perhaps the address belongs to another installation.
connect-webhook-unavailable = Our endpoint answers there, but cannot read its store just now. Try again in a minute.
connect-webhook-another = Somebody else answers there. Look at the public address and at what stands in front of this program.
connect-webhook-private = This address is a private one: no vendor can reach it. Start the program with --public-url.
connect-webhook-nobody = Nobody answers there. Look at the public address, its certificate, and what stands in front of this program.

connect-remove-title = Remove { $label }
connect-remove-lead = The connection, its settings and its secrets are deleted. This cannot be undone.
connect-remove-becomes = What becomes of what waits
connect-remove-left-out = { $n ->
    [0] Nothing waits there.
    [one] { $n } export that waits will be left out when its turn comes.
   *[other] { $n } exports that wait will be left out when their turn comes.
}
connect-remove-to = On the way there
connect-remove-from = From there
connect-remove-kept = What was delivered stays delivered, dead letters stay dead letters, and all records are kept.
connect-remove-confirm = To confirm, type { $id }
connect-remove-mistyped = This is not its short name. Nothing was removed.
connect-removed = { $label } was removed.

connect-id-unfit = Use 3 to 64 small letters, digits and hyphens; the word new is taken.
connect-id-taken = This is taken: choose another one.
