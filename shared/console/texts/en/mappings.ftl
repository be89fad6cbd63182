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
mappings-kind = Kind
mappings-at-sources = At your sources
mappings-at-target = At { $name }
mappings-waiting = Waiting
mappings-counterpart = Counterpart of { $value }
mappings-use = Use { $name }
mappings-new-kind = Kind of a new entry
mappings-new-value = A new value of your sources
mappings-new-counterpart = Its counterpart
mappings-removed = An entry without a counterpart is removed.
mappings-target-has = What { $name } has
mappings-carriers = Carriers
mappings-document-types = Document types
mappings-no-such-kind = There is no such kind of mapping.
mappings-for-which = Say which value { $value } is for.
