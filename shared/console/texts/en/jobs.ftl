# Work on many things at once: the list, work on dead letters, batch exports.

jobs-title = Jobs
jobs-lead = Batch exports and work on dead letters, the newest first.
jobs-none = There has been none yet.
jobs-what = What
jobs-state = State
jobs-so-far = So far
jobs-so-far-counts = { $found } looked at, { $matched } fit
jobs-begun = Begun
jobs-more = Show more

jobs-kind-batch-export = Batch export
jobs-kind-dismiss = Dismiss
jobs-kind-redrive = Redrive
jobs-state-cancelled = Cancelled
jobs-state-counted = Counted
jobs-state-done = Done
jobs-state-failed = Failed
jobs-state-running = Running

jobs-look-again = Look again
jobs-looks-again = This page looks again by itself.
jobs-stop = Stop
jobs-ended = This has ended before it was done.
jobs-ended-by-person = This has ended before it was done, because a person stopped it.
jobs-safe-again = Starting it again is safe.
jobs-preview = Nothing has been done yet. This is what it would be about.
jobs-back = Back, do nothing
jobs-rows-caption = Exports that this is about

jobs-letters-redrive = Redrive dead letters
jobs-letters-dismiss = Leave dead letters out
jobs-letters-counting = Being counted. { $matched } of { $found } looked at so far fit.
jobs-letters-redriving = { $decided ->
    [one] Under way: { $decided } of { $matched } found so far is back at work.
   *[other] Under way: { $decided } of { $matched } found so far are back at work.
}
jobs-letters-dismissing = { $decided ->
    [one] Under way: { $decided } of { $matched } found so far is left out.
   *[other] Under way: { $decided } of { $matched } found so far are left out.
}
jobs-letters-redriven = { $n ->
    [one] { $n } is back at work.
   *[other] { $n } are back at work.
}
jobs-letters-dismissed = { $n ->
    [one] { $n } is left out.
   *[other] { $n } are left out.
}
jobs-letters-none = No dead letter fits any more. There is nothing to do.
jobs-letters-back = Back to the dead letters
jobs-letters-redrive-ask = { $n ->
    [one] Redrive { $n } dead letter?
   *[other] Redrive { $n } dead letters?
}
jobs-letters-redrive-means = Each is tried anew, with three more attempts. The source is read again, and at the target we look before anything is sent, so nothing arrives twice.
jobs-letters-redrive-do = Redrive { $n }
jobs-letters-dismiss-ask = { $n ->
    [one] Leave { $n } dead letter out?
   *[other] Leave { $n } dead letters out?
}
jobs-letters-dismiss-means = They are not tried again. They stay listed as left out, with your reason.
jobs-letters-dismiss-why = Why are they not needed?
jobs-letters-dismiss-do = Leave { $n } out
jobs-letters-gone = { $n ->
    [one] { $n } more was no dead letter any more when it was its turn.
   *[other] { $n } more were no dead letters any more when it was their turn.
}
jobs-letters-which = Which
jobs-letters-more = { $n ->
    [one] And { $n } more.
   *[other] And { $n } more.
}
jobs-letters-choose-kind = Choose what is to be done.
jobs-letters-tick-one = Tick at least one dead letter, or choose all of them.
jobs-letters-note-needed = Say in the note why they are not needed.

jobs-batch-title = Batch export
jobs-batch-title-source = Batch export of { $name }
jobs-batch-title-target = Batch export for { $name }
jobs-batch-waits = It waits: { $why }.
jobs-batch-halted = It has ended: { $why }.
jobs-batch-tried-again = Tried again
jobs-batch-counting = Being counted. { $found } looked at so far.
jobs-batch-under-way = Under way: { $queued } queued. { $found } looked at so far.
jobs-batch-queued = { $n ->
    [one] { $n } was queued.
   *[other] { $n } were queued.
}
jobs-batch-queued-of = { $queued ->
    [one] { $queued } was queued of { $found } looked at.
   *[other] { $queued } were queued of { $found } looked at.
}
jobs-batch-was-there = { $n ->
    [one] { $n } was there already.
   *[other] { $n } were there already.
}
jobs-batch-nothing = Nothing would go.
jobs-batch-is-there = { $delivered ->
    [one] Of { $found } looked at, { $delivered } is there already.
   *[other] Of { $found } looked at, { $delivered } are there already.
}
jobs-batch-ask = Export { $n }?
jobs-batch-do = Export { $n }
jobs-batch-means = What nobody has looked at yet is counted as going where its order may belong to a channel that takes it. Before anything is sent we look at the target, so nothing arrives twice.
jobs-batch-known = Known before
