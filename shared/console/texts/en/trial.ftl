# A trial of one document or parcel.

trial-title = Try it out
trial-lead = See what would go out for one document or parcel, step by step, before anything does.
trial-link = See what would go out
trial-source = Where it comes from
trial-any-source = Find it by its number
trial-number = Number
trial-number-hint = The number of a document, a tracking number or an order number.
trial-target = Where it goes
trial-any-target = Wherever its order belongs
trial-run = Try it out
trial-harmless = The source and the target are read. Nothing is sent, and nothing is written anywhere.
trial-no-number = Give a number.
trial-not-there = { $source } has nothing under this number. Look there how the number is written, or choose where it comes from.
trial-not-known = Nothing that has been seen so far has this number. Choose where it comes from, and it is asked for there.
trial-which = Which one?
trial-candidate = { $number }, { $source }

trial-would-go = It would go out like this.
trial-is-there = Nothing would be sent: the target has it already.
trial-would-not = It would not go out now. The steps below say why, and what to do.
trial-nothing-sent = Nothing has been sent, and nothing has been written.
trial-send = Send this one for real
trial-send-hint = The source is read again, and at the target we look once more before anything is sent.

trial-steps = Step by step
trial-step-plan = Finding out where it goes
trial-no-tracking = It has no tracking number yet.
trial-order = For order { $order }.
trial-no-order = It quotes no order.
trial-goes = { $what } for order { $order }.
trial-clear = Nothing speaks against it.
trial-there = It is there already: { $number }.
trial-not-yet = Nothing of it is there yet.
trial-no-call = Nothing is to be sent.
trial-calls = { $n ->
    [one] { $n } request would change something there.
   *[other] { $n } requests would change something there.
}

trial-compared = What is compared before
trial-compared-what = What
trial-ours = In the document
trial-theirs = Compared with
trial-fits = Result
trial-currency = Currency, that of the order
trial-total = Total, at most that of the order
trial-vat = Total, the sum of the VAT lines
trial-lines = Lines, each found in the order
trial-pdf = Beginning of the file, that of a PDF
trial-pdf-size = Size of the PDF, at most
trial-file-name = Name of the file
trial-bytes = { $n ->
    [one] { $count } byte
   *[other] { $count } bytes
}

trial-standing = What the target has for this order
trial-standing-lead = Read there just now, whoever put it there.
trial-at = Where
trial-made = Made there
trial-requests = Requests that would go out
trial-requests-lead = Exactly as they would be sent, in their order. Secrets are covered with stars; of a file you see its name, size and SHA-256 hash.
trial-headers = Headers
trial-body = Body

trial-sent-title = It is on its way
trial-sent-lead = It lies in the queue and is carried as soon as its turn comes. This page leads on by itself.
trial-sent-see = See what becomes of it
