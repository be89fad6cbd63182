# What is told to whom.

notices-lead = What you are told of without asking, and by which way. Exports never wait for a notice.
notices-none = Nobody is told anything yet. Notices are set through the API; the README has a worked example.
notices-topic = the deployment's own
notices-at-once = At once
notices-nothing-at-once = nothing
notices-digest = The day in numbers
notices-digest-at = { $hour }:00, { $zone }
notices-never = never
notices-send-test = Send a test
notices-test = The test
notices-sent = It was taken.
notices-queued = It goes out within a minute or two.
notices-untold = Not told yet

notices-language = Language of the notices
notices-language-save = Save the language
notices-choose-language = Choose a language of the list.
