# What webhooks brought.

events-title = Events of { $name }
events-lead = What it told by its webhooks, newest first, and what became of it as things stand now.
events-none-sent = This system sends no webhooks; it is asked for what is new instead.
events-accepted = Accepted
events-since = Looked through since
events-none = No event has been worked on yet.
events-caption = Accepted events, newest first
events-about = About
events-at = Received
events-became = What became of it
events-became-nothing = nothing is on record
events-again = Once more
events-look-again = Look again
events-not-shown = Not shown: what the vendor called the event and what it said, which of several arrivals made which export, and what was accepted and still waits in the queue.
events-refused = Refused
events-refused-lead = Counted since the program started. Nothing of what such a call said is kept.
events-refused-none = No call has been refused since the program started.
events-refused-elsewhere = Refused calls are not counted here: each has a line webhook.refused in the log, and the saved query refused-webhooks counts them by connection and reason.
events-reason = Reason
events-advice = What it means, and what to do
events-count = How often
events-last = Last time
