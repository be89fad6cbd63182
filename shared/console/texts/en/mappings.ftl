# Mappings of a channel.

mappings-title = Mappings of { $name }
mappings-lead = What your sources call a carrier, a kind of document or a payment, and what { $name } calls it. Names that are equal need no entry. What waits for an entry goes out by itself once it is saved.
mappings-not-read = The lists of { $name } could not be read.
mappings-nameless = { $n ->
    [one] { $n } more waits without a value that could be entered here.
   *[other] { $n } more wait without a value that could be entered here.
}
mappings-see-which = See which
mappings-not-all-counted = More waits than is counted here; the numbers are those of the first ten thousand.
mappings-caption = Values of your sources and of { $name }
mappings-at-sources = At your sources
mappings-at-target = At { $name }
mappings-waiting = Waiting
mappings-counterpart = Counterpart of { $value }
mappings-use = Use { $name }
mappings-new-value = A new value of your sources
mappings-new-counterpart = Its counterpart
mappings-removed = An entry without a counterpart is removed.
mappings-target-has = What { $name } has
mappings-no-such-kind = There is no such kind of mapping.
mappings-for-which = Say which value { $value } is for.
mappings-usual-carriers = Without an entry a carrier goes by the equal code or name of the list there; where any carrier is taken, by its own name. Only what is left waits.
mappings-usual-types = Without an entry the type from the settings of this connection is used.
mappings-usual-payments = Without an entry the rules know a payment kind by its own name.
mappings-usual-deliveries = Nothing uses these yet: no order tells its delivery kind.
mappings-use-all = { $n ->
    [one] Use the proposal
   *[other] Use all { $n } proposals
}
mappings-saved = { $n ->
    [0] Saved. Nothing waited for what is mapped now.
    [one] Saved. { $n } export waited for it and goes on now.
   *[other] Saved. { $n } exports waited for it and go on now.
}
