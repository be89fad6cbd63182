# What is told to whom.

notices-lead = O czym powiadamiamy sami i jaką drogą. Eksporty nigdy nie czekają na powiadomienie.
notices-none = Nikt jeszcze nie jest o niczym powiadamiany. Powiadomienia ustawia się przez API; gotowy przykład jest w README.
notices-topic = własny temat instalacji
notices-at-once = Od razu
notices-nothing-at-once = nic
notices-digest = Dzień w liczbach
notices-digest-at = { $hour }:00, { $zone }
notices-never = nigdy
notices-send-test = Wyślij test
notices-test = Test
notices-sent = Powiadomienie zostało przyjęte.
notices-queued = Zostanie wysłane w ciągu minuty lub dwóch.
notices-untold = Jeszcze nieprzekazane

notices-language = Język powiadomień
notices-language-save = Zapisz język
notices-choose-language = Wybierz język z listy.
