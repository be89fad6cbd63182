# Práce s mnoha věcmi najednou: seznam, práce s nedoručitelnými exporty, hromadné exporty.

jobs-title = Úlohy
jobs-lead = Hromadné exporty a práce s nedoručitelnými exporty, od nejnovějších.
jobs-none = Zatím žádná nebyla.
jobs-what = Co
jobs-state = Stav
jobs-so-far = Průběh
jobs-so-far-counts = prohlédnuto { $found }, odpovídá { $matched }
jobs-begun = Zahájeno
jobs-more = Zobrazit další

jobs-kind-batch-export = Hromadný export
jobs-kind-dismiss = Vynechání
jobs-kind-redrive = Nové spuštění
jobs-state-cancelled = Zrušeno
jobs-state-counted = Spočítáno
jobs-state-done = Hotovo
jobs-state-failed = Nezdařilo se
jobs-state-running = Probíhá

jobs-look-again = Podívat se znovu
jobs-looks-again = Tato stránka se obnovuje sama.
jobs-stop = Zastavit
jobs-ended = Úloha skončila předčasně.
jobs-ended-by-person = Úloha skončila předčasně, protože ji někdo zastavil.
jobs-safe-again = Můžete ji bez obav spustit znovu.
jobs-preview = Zatím se nic neudělalo. Tady vidíte, čeho by se to týkalo.
jobs-back = Zpět, nic nedělat
jobs-rows-caption = Exporty, kterých se to týká

jobs-letters-redrive = Nové spuštění nedoručitelných exportů
jobs-letters-dismiss = Vynechání nedoručitelných exportů
jobs-letters-counting = Počítá se. Z { $found } zatím prohlédnutých odpovídá { $matched }.
jobs-letters-redriving = { $decided ->
    [one] Probíhá: znovu spuštěn { $decided } export z { $matched } zatím nalezených.
    [few] Probíhá: znovu spuštěny { $decided } exporty z { $matched } zatím nalezených.
    [many] Probíhá: znovu spuštěno { $decided } exportu z { $matched } zatím nalezených.
   *[other] Probíhá: znovu spuštěno { $decided } exportů z { $matched } zatím nalezených.
}
jobs-letters-dismissing = { $decided ->
    [one] Probíhá: vynechán { $decided } export z { $matched } zatím nalezených.
    [few] Probíhá: vynechány { $decided } exporty z { $matched } zatím nalezených.
    [many] Probíhá: vynecháno { $decided } exportu z { $matched } zatím nalezených.
   *[other] Probíhá: vynecháno { $decided } exportů z { $matched } zatím nalezených.
}
jobs-letters-redriven = { $n ->
    [one] Znovu spuštěn { $n } export.
    [few] Znovu spuštěny { $n } exporty.
    [many] Znovu spuštěno { $n } exportu.
   *[other] Znovu spuštěno { $n } exportů.
}
jobs-letters-dismissed = { $n ->
    [one] Vynechán { $n } export.
    [few] Vynechány { $n } exporty.
    [many] Vynecháno { $n } exportu.
   *[other] Vynecháno { $n } exportů.
}
jobs-letters-none = Žádný nedoručitelný export už neodpovídá. Není co dělat.
jobs-letters-back = Zpět na nedoručitelné
jobs-letters-redrive-ask = { $n ->
    [one] Spustit znovu { $n } nedoručitelný export?
    [few] Spustit znovu { $n } nedoručitelné exporty?
    [many] Spustit znovu { $n } nedoručitelného exportu?
   *[other] Spustit znovu { $n } nedoručitelných exportů?
}
jobs-letters-redrive-means = Každý se zkusí od začátku, s dalšími třemi pokusy. Znovu se přečte zdroj, a než se cokoli odešle, podíváme se do cíle, takže nic nedorazí dvakrát.
jobs-letters-redrive-do = Spustit znovu ({ $n })
jobs-letters-dismiss-ask = { $n ->
    [one] Vynechat { $n } nedoručitelný export?
    [few] Vynechat { $n } nedoručitelné exporty?
    [many] Vynechat { $n } nedoručitelného exportu?
   *[other] Vynechat { $n } nedoručitelných exportů?
}
jobs-letters-dismiss-means = Už se nebudou zkoušet. Zůstanou v seznamu jako vynechané, s vaším důvodem.
jobs-letters-dismiss-why = Proč nejsou potřeba?
jobs-letters-dismiss-do = Vynechat ({ $n })
jobs-letters-gone = { $n ->
    [one] Další { $n } už nebyl nedoručitelný, když na něj přišla řada.
    [few] Další { $n } už nebyly nedoručitelné, když na ně přišla řada.
    [many] Dalšího { $n } už nebylo nedoručitelného, když na něj přišla řada.
   *[other] Dalších { $n } už nebylo nedoručitelných, když na ně přišla řada.
}
jobs-letters-which = Které to jsou
jobs-letters-more = { $n ->
    [one] A ještě { $n } další.
    [few] A ještě { $n } další.
    [many] A ještě { $n } dalšího.
   *[other] A ještě { $n } dalších.
}
jobs-letters-choose-kind = Zvolte, co se má udělat.
jobs-letters-tick-one = Vyberte aspoň jeden nedoručitelný export, nebo zvolte všechny.
jobs-letters-note-needed = Do poznámky napište, proč nejsou potřeba.

jobs-batch-title = Hromadný export
jobs-batch-title-source = Hromadný export ze zdroje { $name }
jobs-batch-title-target = Hromadný export do cíle { $name }
jobs-batch-waits = Čeká: { $why }.
jobs-batch-halted = Skončil: { $why }.
jobs-batch-tried-again = Zkusí se znovu
jobs-batch-counting = Počítá se. Zatím prohlédnuto { $found }.
jobs-batch-under-way = Probíhá: do fronty zařazeno { $queued }. Zatím prohlédnuto { $found }.
jobs-batch-queued = { $n ->
    [one] Do fronty zařazen { $n } export.
    [few] Do fronty zařazeny { $n } exporty.
    [many] Do fronty zařazeno { $n } exportu.
   *[other] Do fronty zařazeno { $n } exportů.
}
jobs-batch-queued-of = { $queued ->
    [one] Do fronty zařazen { $queued } export z { $found } prohlédnutých.
    [few] Do fronty zařazeny { $queued } exporty z { $found } prohlédnutých.
    [many] Do fronty zařazeno { $queued } exportu z { $found } prohlédnutých.
   *[other] Do fronty zařazeno { $queued } exportů z { $found } prohlédnutých.
}
jobs-batch-was-there = { $n ->
    [one] { $n } už tam byl.
    [few] { $n } už tam byly.
    [many] { $n } už tam bylo.
   *[other] { $n } už tam bylo.
}
jobs-batch-nothing = Nic by neodešlo.
jobs-batch-is-there = { $delivered ->
    [one] { $delivered } z { $found } prohlédnutých už tam je.
    [few] { $delivered } z { $found } prohlédnutých už tam jsou.
    [many] { $delivered } z { $found } prohlédnutých už tam je.
   *[other] { $delivered } z { $found } prohlédnutých už tam je.
}
jobs-batch-ask = Exportovat { $n }?
jobs-batch-do = Exportovat { $n }
jobs-batch-means = Na co se ještě nikdo nepodíval, to se počítá mezi odcházející, pokud objednávka může patřit do kanálu, který to přijímá. Než se cokoli odešle, podíváme se do cíle, takže nic nedorazí dvakrát.
jobs-batch-known = Známé už dřív
