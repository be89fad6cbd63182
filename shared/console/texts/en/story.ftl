# The story of an export and of an order.

span-seconds = { $n } s
span-minutes = { $n } min
span-hours = { $n } h
span-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}

story-attempt = Attempt { $number } failed: { $why }
story-after = { $span } after the attempt before.
story-after-failures = { $n ->
    [one] It arrived after { $n } failed attempt.
   *[other] It arrived after { $n } failed attempts.
}
story-vendor = The vendor’s words:
story-courier = The courier’s words:
story-note = The note:
story-detail = In detail:
story-doubt = Before anything is sent again, the target is asked whether it is there.
story-adopted = It was there already and is the same one, so nothing was sent a second time.
story-seen-there = A person has seen it there.

story-about = { $what } to { $target }
story-issued = { $kind } { $number } is there at { $source }
story-total = Total: { $total }.
story-changed = It was last changed there at { $at }.
story-so-far = Documents: { $documents }. Parcels: { $parcels }. Exports delivered: { $delivered } of { $all }.
story-parts = Parts of the story
story-all = Everything
story-returns = Credit notes and refunds
story-trouble = Failures and findings
story-decisions = Decisions
story-ahead = What lies ahead
story-no-part = There is no such part of the story.
story-address = Address of this page
story-link = Link to this page
