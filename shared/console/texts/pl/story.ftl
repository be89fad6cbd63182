# Historia eksportu i zamówienia.

span-seconds = { $n } s
span-minutes = { $n } min
span-hours = { $n } h
span-days = { $n ->
    [one] { $n } dzień
    [few] { $n } dni
    [many] { $n } dni
   *[other] { $n } dnia
}

story-attempt = Próba { $number } się nie udała: { $why }
story-after = { $span } po poprzedniej próbie.
story-after-failures = { $n ->
    [one] Dotarło po { $n } nieudanej próbie.
    [few] Dotarło po { $n } nieudanych próbach.
    [many] Dotarło po { $n } nieudanych próbach.
   *[other] Dotarło po { $n } nieudanej próby.
}
story-vendor = Słowa usługodawcy:
story-courier = Słowa kuriera:
story-note = Notatka:
story-detail = Szczegóły:
story-doubt = Zanim cokolwiek wyślemy ponownie, zapytamy system docelowy, czy to tam jest.
story-adopted = W systemie docelowym było już to samo, więc nic nie zostało wysłane drugi raz.
story-seen-there = Ktoś sprawdził, że to tam jest.

story-about = { $what } do: { $target }
story-issued = { $kind } { $number } jest w źródle { $source }
story-total = Suma: { $total }.
story-changed = Ostatnia zmiana w źródle: { $at }.
story-so-far = Dokumenty: { $documents }. Paczki: { $parcels }. Dostarczone eksporty: { $delivered } z { $all }.
story-parts = Części historii
story-all = Wszystko
story-returns = Faktury korygujące i zwroty pieniędzy
story-trouble = Błędy i uwagi
story-decisions = Decyzje
story-ahead = Co dopiero nastąpi
story-no-part = Nie ma takiej części historii.
story-address = Adres tej strony
story-link = Link do tej strony
