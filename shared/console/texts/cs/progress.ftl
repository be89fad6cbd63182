# Jak daleko úloha pokročila.

progress-label = Průběh
progress-of = { $done } z { $all }
progress-looked-at = { $n ->
    [one] zatím prohlédnut { $n }
    [few] zatím prohlédnuty { $n }
    [many] zatím prohlédnuto { $n }
   *[other] zatím prohlédnuto { $n }
}
progress-since = Z těch, které jsou v seznamu: doručeno { $delivered }, na cestě { $moving }, znovu nedoručitelné { $again }.
progress-again = Znovu se nezdařilo
progress-again-lead = Od nového spuštění se tyto exporty nezdařily další třikrát. Příčina trvá: než je znovu spustíte, odstraňte ji.
