# The overview.

overview-as-of = As of
overview-needs-you = Needs you
overview-nothing = Nothing. Everything is delivered or on its way.
overview-on-its-way = On its way
overview-done = Done
overview-duplicates = Repeats that changed nothing
overview-queued = Messages waiting in the queue
overview-in-work = Messages being worked on
overview-caption = Connections with what they received in the last 24 hours and what waits there
overview-connection = Connection
overview-state = State
overview-delivered = Delivered in 24 h
overview-waiting = Waiting
overview-oldest = Oldest that waits
overview-nothing-waits = nothing waits
