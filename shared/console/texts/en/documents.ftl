# What a source has, and the form that starts a batch export.

documents-window = Documents
documents-title = What { $name } has
documents-lead = Read just now at the source, with what became of each document.
documents-lead-parcels = Read just now at the source, with what became of each parcel.
documents-choose = Choose since when
documents-since = Changed since
documents-show = Show
documents-none = The source lists nothing that changed since then.
documents-caption = What the source has
documents-what = What
documents-order = Order
documents-became = What became of it
documents-in-batch = In a batch export
documents-changed = Changed
documents-order-unknown = not known
documents-nothing-yet = nothing yet
documents-export-ticked = Export those ticked
documents-export-all = Export everything since { $day }
documents-more = Show more
documents-counted-first = It is counted first, and nothing is sent before you say so.
documents-give-date = Give a date such as 2026-11-27.
documents-tick-one = Tick at least one, or choose everything since the date.

# What a batch export would make of a line, and why where no word of an export says it.
documents-goes = Would go
documents-delivered = Is there already
documents-under-way = Goes on by itself
documents-stays = Stays as it is
documents-not-seen = Not seen yet
documents-source-changed = Changed at the source
documents-not-asked = Not asked for
