# Ile eksportów pasuje i co zdecydowano o wielu z nich naraz.

exports-about-list = O tej liście
exports-link = Link do tej listy
exports-table = Wszystkie pasujące jako tabela (CSV)
exports-fit = { $n ->
    [one] Pasuje { $n } eksport.
    [few] Pasują { $n } eksporty.
    [many] Pasuje { $n } eksportów.
   *[other] Pasuje { $n } eksportu.
}
exports-fit-more = Pasuje ich więcej niż { $n }.

many-ticked = Zaznaczone
many-tick-all = Zaznacz wszystkie na tej stronie
many-tick-none = Usuń zaznaczenie
many-decide = Zdecyduj o zaznaczonych
many-note-hint = Potrzebna, gdy coś jest pomijane; zostaje zapisana przy każdym eksporcie.
many-means = O każdym decydujemy osobno i od razu. Zanim cokolwiek wyślemy, sprawdzamy w systemie docelowym, więc nic nie dotrze dwa razy.
many-all = Zdecyduj o wszystkich nieudanych eksportach, które pasują
many-choose = Wybierz, jaka jest Twoja decyzja.
many-tick-one = Zaznacz co najmniej jeden eksport.
many-note-needed = Napisz, dlaczego są niepotrzebne.

many-title = Co się z nimi stało
many-result = Wynik
many-done = { $n ->
    [0] O żadnym nie zdecydowano.
    [one] Zdecydowano o { $n } eksporcie.
    [few] Zdecydowano o { $n } eksportach.
    [many] Zdecydowano o { $n } eksportach.
   *[other] Zdecydowano o { $n } eksportu.
}
many-left = { $n ->
    [one] { $n } pozostał bez zmian.
    [few] { $n } pozostały bez zmian.
    [many] { $n } pozostało bez zmian.
   *[other] { $n } pozostało bez zmian.
}
many-retried = Próba odbywa się teraz.
many-redriven = Próby zaczynają się od nowa.
many-left-out = Został pominięty.
many-not-now = Bez zmian: jego stan na to nie pozwala.
many-not-dead = Bez zmian: to już nie jest nieudany eksport.
many-unknown = Nie ma takiego eksportu.
many-store = Bez zmian: baza danych nie odpowiedziała. Spróbuj jeszcze raz.
many-back = Wróć do listy
