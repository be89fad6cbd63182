# Who did what.

audit-title = Who did what
audit-lead = Every change that somebody asked for, newest first, and how it ended. Names are kept, values are not; an entry stays for 400 days.
audit-about = About
audit-about-hint = The id of a connection, an export or a job, or an order’s reference.
audit-who = Who
audit-what = What
audit-outcome = Outcome
audit-when = Asked for
audit-caption = What was done, newest first
audit-only-about = About { $what }
audit-only-who = By { $who }
audit-none = Nothing has been done yet.
audit-none-here = Nothing fits in the part that was read. Go on with older ones.
audit-no-place = There is no such place in the list. Begin with the newest.
audit-no-thing = nothing in particular
audit-cut = There were more names than are kept.
audit-about-this = Who did what about it

audit-who-session = a session of the pages
audit-who-token = the API token
audit-who-viewer-token = the viewer’s token
audit-who-unknown = not kept, because it looked like an address

# What an entry gives names of.
audit-names-all = Everything
audit-names-at = At
audit-names-call = Call
audit-names-changed = Changed
audit-names-code = Code
audit-names-connection = Connection
audit-names-connector = Connector
audit-names-document = Document
audit-names-dry-run = Counted only
audit-names-ids = Exports
audit-names-kind = Kind
audit-names-kinds = Kinds
audit-names-label = Name
audit-names-mappings = Mappings
audit-names-operation = Kind of work
audit-names-operations = Kinds of work
audit-names-order = Order
audit-names-outcome = Decision
audit-names-role = Role
audit-names-rules = Rules
audit-names-secrets = Secrets
audit-names-settings = Settings
audit-names-shipment = Parcel
audit-names-since = From
audit-names-source = Source
audit-names-state = State
audit-names-switches = Switches
audit-names-target = Target
audit-names-webhook = Webhook
audit-names-decision = Decision
