# Jak daleko zaszło zadanie.

progress-label = Postęp
progress-of = { $done } z { $all }
progress-looked-at = { $n ->
    [one] dotąd sprawdzono { $n }
    [few] dotąd sprawdzono { $n }
    [many] dotąd sprawdzono { $n }
   *[other] dotąd sprawdzono { $n }
}
progress-since = Z tych, które są na liście: dostarczone { $delivered }, w toku { $moving }, ponownie nieudane { $again }.
progress-again = Ponownie nieudane
progress-again-lead = Od ponowienia te eksporty nie udały się kolejne trzy razy. Przyczyna trwa: usuń ją, zanim znów je ponowisz.
