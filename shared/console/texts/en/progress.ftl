# How far a job has come.

progress-label = Progress
progress-of = { $done } of { $all }
progress-looked-at = { $n } looked at so far
progress-since = Of those that are listed: delivered { $delivered }, under way { $moving }, dead letters again { $again }.
progress-again = Failed again
progress-again-lead = These have failed three times more since they were redriven. The cause is still there: repair it before another redrive.
