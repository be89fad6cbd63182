# The rules of a connection.

rules-link = Its rules
rules-title = Rules of { $name }
rules-lead = When and how something is carried. Everything else of { $name } stays as it is.
rules-saved = The rules are saved. What may go by them now goes out by itself.
rules-refused = Something is wrong. Nothing has been saved; it says beside each field what to do.
rules-effect = What has been left out until now does not go out by other rules alone; a batch export finds it.
rules-usual = Default: { $usual }
rules-no-usual = please choose
rules-none = none
rules-all = all
rules-every-order = every number

rules-of-orders = Whose order it is
rules-order-pattern = Its order numbers
    .explanation = A regular expression on the order number. Needed where two shops or marketplaces could have the same number.
rules-also-field = Field with the other number
    .explanation = A field of the order that carries the number of the same sale elsewhere, in the words of this shop.
rules-also-channel = Where that number belongs
    .explanation = The other shop or marketplace. Give both, or neither.

rules-of-invoices = Invoices and credit notes
rules-invoice-when = An invoice goes out
    .explanation = Which state it must have at its source.
rules-when-issued = as soon as it has a number
rules-when-sent = once it was sent to the buyer
rules-when-in-payment = once a payment is under way
rules-when-paid = once it is paid
rules-when-never = never
rules-has-one = If the target has one already
    .explanation = For something there that is not known to be ours.
rules-has-one-adopt = take it as delivered if it is the same in all that counts
rules-has-one-hold = wait for a person
rules-has-one-send-anyway = send all the same
rules-without-lines = A full invoice may go without lines
    .explanation = Only if its lines do not match those of the order and the totals are equal.
rules-by-payment = By payment
rules-by-payment-help = A payment kind with its own rule. Empty lines count for nothing; empty a line to remove it.
rules-payment = Payment kind of the order

rules-of-parcels = Tracking numbers
rules-number-when = A number is told
    .explanation = Where that does not change the state of the order.
rules-number-known = as soon as it is known
rules-number-shipped = together with the confirmation of shipment
rules-shipped-when = Shipment is confirmed
    .explanation = What changes the state of the order there.
rules-shipped-handed-over = at the first scan of the courier
rules-shipped-number-known = as soon as a number is known
rules-shipped-manual = only when a person asks for it

rules-of-buyers = Buyers
rules-notify = The target may write to the buyer
    .explanation = Whether it sends its own e-mail about what we carry there.

rules-of-carrying = What is carried
rules-series = Number series
    .explanation = One per line. Only documents of these series are carried.
rules-tags = Tags
    .explanation = One per line. A document must have one of them.
rules-source-pattern = Order numbers
    .explanation = A regular expression. Only what quotes such an order is carried.
rules-of-nights = Batch export every night
rules-batch-at = Time of day
    .explanation = Such as 02:30.
rules-batch-never = not at all
rules-batch-days = Days it looks back
    .explanation = From 1 to 90.
rules-batch-zone = Time zone
    .explanation = Such as Europe/Prague.

rules-preview = Show what this would have done to the last 30 days
rules-preview-title = What these rules would have done to the last 30 days
rules-preview-lead = Nothing has been saved yet. It is judged by what is kept here; no vendor was asked.
rules-preview-more = There is more than was looked at.
rules-preview-none = Nothing of what could be judged would have fared otherwise.
rules-preview-from = What became of it
rules-preview-to = What would have
rules-preview-count = How many
rules-preview-examples = For instance
rules-preview-goes = It would have gone out
rules-preview-waits = It would have waited
rules-preview-left-out = It would have been left out
rules-preview-number-told = It waits as before, but its number would have been told at once
rules-preview-number-waits = It waits as before, but its number would not have been told yet
rules-preview-gone = What has gone stays so; such ones will fare so from now on.
rules-preview-never = What these do is never judged, since it depends on what stands at the target: { $rules }.
rules-preview-unchanged = { $n ->
    [one] { $n } export would have fared the same.
   *[other] { $n } exports would have fared the same.
}
rules-preview-unjudged = { $n ->
    [0] All could be judged.
    [one] { $n } export could not be judged: it depends on what is not kept, such as whether it was paid by then.
   *[other] { $n } exports could not be judged: they depend on what is not kept, such as whether they were paid by then.
}

rules-wrong-pattern = This is no regular expression: check its brackets.
rules-wrong-time = Give a time of day such as 02:30; the source must be able to list what it has.
rules-wrong-days = Give a number from 1 to 90.
rules-wrong-zone = Give a time zone such as Europe/Prague or UTC.
rules-wrong-pair = Give both the field and where its number belongs, or leave both empty.
rules-wrong-when = Choose one: here each invoice makes a record that changes the order, so there is no default.
rules-wrong-value = Choose one of the values of the list.
