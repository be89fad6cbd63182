# The frame around every page, and how this language writes numbers and times.

language-name = English
language-choose = Language

# Between groups of three digits, and before the decimals.
format-group = ,
format-point = .
# As strftime has it; always UTC.
format-instant = %Y-%m-%d %H:%M:%S UTC

away-now = now
away-seconds = { $n } s ago
away-minutes = { $n } min ago
away-hours = { $n } h ago
away-days = { $n ->
    [one] { $n } day ago
   *[other] { $n } days ago
}
ahead-seconds = in { $n } s
ahead-minutes = in { $n } min
ahead-hours = in { $n } h
ahead-days = { $n ->
    [one] in { $n } day
   *[other] in { $n } days
}

yes = yes
no = no
nothing-to-do = Nothing.
what-to-do = What to do:
note = Note
save = Save
confirm = Confirm
cancel = Cancel

frame-skip = Skip to the content
frame-main = Main
frame-log-out = Log out
frame-tagline = Backhaul carries invoices, credit notes and tracking numbers back to your shops and marketplaces, exactly once. All times are UTC.
frame-codes = What codes and reasons mean
frame-reader = You are logged in:
frame-looks = You can look, not change.
frame-looks-why = Changes are made by whoever is logged in as an operator.

nav-overview = Overview
nav-exports = Exports
nav-dead = Dead letters
nav-compare = Compare
nav-connections = Connections
nav-notices = Notices

outcome-good = Good
outcome-failed = Failed
