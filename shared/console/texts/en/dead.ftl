# Dead letters.

dead-lead = Three attempts failed, so nothing more is tried until a person decides. Repair the cause, then redrive: it is tried anew. Or say that it is not needed.
dead-none = There is none.
dead-none-fits = No dead letter fits.
dead-groups = What they have in common
dead-at-least = at least { $n }
dead-newest = The last
dead-oldest = The first
dead-redrive = Redrive
dead-redrive-these = Redrive these
dead-redrive-count = Redrive { $n }
dead-dismiss = Not needed
dead-list-them = List them
dead-lower-bound = There are more dead letters than were counted here. A redrive takes all that fit; it is counted before.
dead-each = One by one
dead-tick = Tick { $what }
dead-to = to
dead-order = order { $order }
dead-decide = Decide
dead-about-which = About which?
dead-ticked = The ticked ones
dead-every = Every dead letter
dead-every-fitting = Every dead letter that fits the conditions above
dead-shown-first = You are shown what it is about first. Nothing happens until you confirm.
