# Příběh exportu a objednávky.

span-seconds = { $n } s
span-minutes = { $n } min
span-hours = { $n } h
span-days = { $n ->
    [one] { $n } den
    [few] { $n } dny
    [many] { $n } dne
   *[other] { $n } dní
}

story-attempt = Pokus { $number } se nezdařil: { $why }
story-after = { $span } po předchozím pokusu.
story-after-failures = { $n ->
    [one] Dorazilo to po { $n } nezdařeném pokusu.
    [few] Dorazilo to po { $n } nezdařených pokusech.
    [many] Dorazilo to po { $n } nezdařeného pokusu.
   *[other] Dorazilo to po { $n } nezdařených pokusech.
}
story-vendor = Slovy poskytovatele:
story-courier = Slovy přepravní služby:
story-note = Poznámka:
story-detail = Podrobnosti:
story-doubt = Než se cokoli odešle znovu, zeptáme se cíle, zda to tam je.
story-adopted = V cíli už to bylo a je to totéž, takže se nic neodeslalo podruhé.
story-seen-there = Někdo ověřil, že to tam je.

story-about = { $what } do cíle { $target }
story-issued = { $kind } { $number } je ve zdroji { $source }
story-total = Celková částka: { $total }.
story-changed = Poslední změna ve zdroji: { $at }.
story-so-far = Doklady: { $documents }. Zásilky: { $parcels }. Doručené exporty: { $delivered } z { $all }.
story-parts = Části příběhu
story-all = Vše
story-returns = Dobropisy a vrácení peněz
story-trouble = Chyby a zjištění
story-decisions = Rozhodnutí
story-ahead = Co teprve přijde
story-no-part = Taková část příběhu neexistuje.
story-address = Adresa této stránky
story-link = Odkaz na tuto stránku
