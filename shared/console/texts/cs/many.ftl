# Kolik exportů odpovídá a co se rozhodlo o mnoha z nich najednou.

exports-about-list = O tomto seznamu
exports-link = Odkaz na tento seznam
exports-table = Vše, co odpovídá, jako tabulka (CSV)
exports-fit = { $n ->
    [one] Odpovídá { $n } export.
    [few] Odpovídají { $n } exporty.
    [many] Odpovídá { $n } exportu.
   *[other] Odpovídá { $n } exportů.
}
exports-fit-more = { $n ->
    [one] Odpovídá více než { $n } export.
    [few] Odpovídá více než { $n } exporty.
    [many] Odpovídá více než { $n } exportu.
   *[other] Odpovídá více než { $n } exportů.
}

many-ticked = Vybráno
many-tick-all = Vybrat vše na této stránce
many-tick-none = Zrušit výběr
many-decide = Rozhodnout o vybraných
many-note-hint = Nutná, když se něco vynechává; uloží se u každého exportu.
many-means = O každém se rozhodne zvlášť, hned. Než se cokoli odešle, podíváme se do cíle, takže nic nedorazí dvakrát.
many-all = Rozhodnout o všech nedoručitelných, které odpovídají
many-choose = Zvolte, jaké je vaše rozhodnutí.
many-tick-one = Vyberte aspoň jeden export.
many-note-needed = Napište, proč nejsou potřeba.

many-title = Jak to s nimi dopadlo
many-result = Výsledek
many-done = { $n ->
    [0] O žádném se nerozhodlo.
    [one] Rozhodlo se o { $n } exportu.
    [few] Rozhodlo se o { $n } exportech.
    [many] Rozhodlo se o { $n } exportu.
   *[other] Rozhodlo se o { $n } exportech.
}
many-left = { $n ->
    [one] { $n } zůstal, jak byl.
    [few] { $n } zůstaly, jak byly.
    [many] { $n } zůstalo, jak bylo.
   *[other] { $n } zůstalo, jak bylo.
}
many-retried = Zkouší se hned.
many-redriven = Zkouší se od začátku.
many-left-out = Vynechává se.
many-not-now = Zůstal, jak byl: jeho stav to nedovoluje.
many-not-dead = Zůstal, jak byl: už není nedoručitelný.
many-unknown = Takový export neexistuje.
many-store = Zůstal, jak byl: úložiště neodpovědělo. Zkuste to ještě jednou.
many-back = Zpět na seznam
