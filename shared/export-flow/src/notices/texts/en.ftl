# What a notice says besides the words of its kind. One line each.
letter-why = Why: { $said }
letter-wrong = What went wrong: { $said }
letter-task = What was to be done: { $said }
letter-number = Number: { $said }
letter-order = Order: { $said }
letter-end = End: { $said }
letter-export = Export: { $said }
letter-when = When: { $said }
letter-to-do = What to do: { $said }
letter-delivered = Delivered in the last 24 hours: { $said }
letter-group = { $count } { $label }, the oldest since { $oldest }
letter-group-at-least = at least { $count } { $label }, the oldest since { $oldest }
letter-waiting = Waiting: { $said }
letter-dead = Dead letters: { $said }
letter-to-decide = To be decided by a person: { $said }
letter-in-vain = Waited in vain: { $said }
letter-paused = Paused: { $said }
