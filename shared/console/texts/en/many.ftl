# How many exports fit, and what is decided about many of them at once.

exports-about-list = About this list
exports-link = Link to this list
exports-table = All that fit as a table (CSV)
exports-fit = { $n ->
    [one] { $n } export fits.
   *[other] { $n } exports fit.
}
exports-fit-more = More than { $n } exports fit.

many-ticked = Ticked
many-tick-all = Tick all of this page
many-tick-none = Tick none
many-decide = Decide about the ticked ones
many-note-hint = Needed where something is left out; kept with each of them.
many-means = Each is decided about by itself, at once. At the target we look before anything is sent, so nothing arrives twice.
many-all = Decide about all dead letters that fit
many-choose = Choose what has been decided.
many-tick-one = Tick at least one export.
many-note-needed = Say why they are not needed.

many-title = What became of them
many-result = Result
many-done = { $n ->
    [0] None was decided about.
    [one] { $n } was decided about.
   *[other] { $n } were decided about.
}
many-left = { $n ->
    [one] { $n } was left as it is.
   *[other] { $n } were left as they are.
}
many-retried = It is tried now.
many-redriven = It is tried anew.
many-left-out = It is left out.
many-not-now = Left as it is: its state does not allow it.
many-not-dead = Left as it is: it is no dead letter any more.
many-unknown = There is no such export.
many-store = Left as it is: the store did not answer. Try it once more.
many-back = Back to the list
