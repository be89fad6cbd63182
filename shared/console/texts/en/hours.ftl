# The overview's first step, reasons and hours.

# As strftime has it; always UTC.
format-hour = %m-%d %H:00 UTC

hours-first = The first step
hours-first-means = Nothing is connected yet. Connect where your invoices or parcels come from, then the shop or marketplace they go to.
hours-first-do = Make the first connection
hours-why = Why it waits
hours-title = The last 24 hours
hours-arrived = Arrived
hours-delivered = Delivered
hours-dead = Became dead letters
hours-said = { $total } in all, at most { $most } in one hour.
hours-as-table = The same as a table
hours-hour = Hour
hours-not-counted = not counted here
hours-queue-age = Longest wait in the queue
hours-again = This page reads itself again every { $n } s.
hours-stay = Leave it as it is
hours-go-on = Read it again by itself
