# The rules of a connection.

rules-link = Jego reguły
rules-title = Reguły połączenia { $name }
rules-lead = Kiedy i jak coś jest przekazywane. Wszystko inne w połączeniu { $name } zostaje bez zmian.
rules-saved = Reguły są zapisane. To, co według nich może teraz iść, zostanie wysłane samo.
rules-refused = Coś jest nie tak. Nic nie zostało zapisane; przy każdym polu jest napisane, co zrobić.
rules-effect = To, co dotąd było pomijane, nie zostanie wysłane tylko z powodu innych reguł; znajdzie je eksport zbiorczy.
rules-usual = Domyślnie: { $usual }
rules-no-usual = wybierz
rules-none = brak
rules-all = wszystko
rules-every-order = każdy numer

rules-of-orders = Czyje jest zamówienie
rules-order-pattern = Wzorzec numeru zamówienia
    .explanation = Wyrażenie regularne dla numeru zamówienia. Potrzebne tam, gdzie dwa sklepy lub marketplace mogłyby mieć ten sam numer.
rules-also-field = Pole z drugim numerem
    .explanation = Pole zamówienia z numerem tej samej sprzedaży gdzie indziej, tak jak nazywa je ten sklep.
rules-also-channel = Gdzie należy ten numer
    .explanation = Drugi sklep lub marketplace. Podaj oba pola albo żadne.

rules-of-invoices = Faktury i faktury korygujące
rules-invoice-when = Faktura jest wysyłana
    .explanation = Jaki stan musi mieć w źródle.
rules-when-issued = gdy tylko ma numer
rules-when-sent = gdy została wysłana do kupującego
rules-when-in-payment = gdy płatność jest w toku
rules-when-paid = gdy jest zapłacona
rules-when-never = nigdy
rules-has-one = Gdy system docelowy już ją ma
    .explanation = Dla czegoś, o czym nie wiadomo, że jest nasze.
rules-has-one-adopt = uznaj za dostarczoną, jeśli zgadza się we wszystkim, co ważne
rules-has-one-hold = czekaj na człowieka
rules-has-one-send-anyway = mimo to wyślij
rules-without-lines = Pełna faktura może iść bez pozycji
    .explanation = Tylko gdy jej pozycje nie pasują do zamówienia, a sumy są równe.
rules-by-payment = Według płatności
rules-by-payment-help = Rodzaj płatności z własną regułą. Puste wiersze nic nie znaczą; wyczyść wiersz, aby go usunąć.
rules-payment = Rodzaj płatności zamówienia

rules-of-parcels = Numery śledzenia
rules-number-when = Numer jest podawany
    .explanation = Tam, gdzie nie zmienia to stanu zamówienia.
rules-number-known = gdy tylko jest znany
rules-number-shipped = razem z potwierdzeniem wysyłki
rules-shipped-when = Wysyłka jest potwierdzana
    .explanation = To zmienia tam stan zamówienia.
rules-shipped-handed-over = przy pierwszym skanie kuriera
rules-shipped-number-known = gdy tylko numer jest znany
rules-shipped-manual = tylko na polecenie człowieka

rules-of-buyers = Kupujący
rules-notify = System docelowy może pisać do kupującego
    .explanation = Czy wysyła własną wiadomość o tym, co tam przekazujemy.

rules-of-carrying = Co jest przekazywane
rules-series = Serie numeracji
    .explanation = Każda w osobnym wierszu. Przekazywane są tylko dokumenty tych serii.
rules-tags = Tagi
    .explanation = Każdy w osobnym wierszu. Dokument musi mieć jeden z nich.
rules-source-pattern = Numery zamówień
    .explanation = Wyrażenie regularne. Przekazywane jest tylko to, co podaje takie zamówienie.
rules-of-nights = Eksport zbiorczy co noc
rules-batch-at = Godzina
    .explanation = Na przykład 02:30.
rules-batch-never = wcale
rules-batch-days = Ile dni wstecz
    .explanation = Od 1 do 90.
rules-batch-zone = Strefa czasowa
    .explanation = Na przykład Europe/Prague.

rules-preview = Pokaż, co zmieniłoby to w ostatnich 30 dniach
rules-preview-title = Co te reguły zmieniłyby w ostatnich 30 dniach
rules-preview-lead = Nic nie zostało jeszcze zapisane. Ocena opiera się na tym, co jest zapisane tutaj; żaden usługodawca nie był pytany.
rules-preview-more = Jest tego więcej, niż przejrzano.
rules-preview-none = Nic z tego, co dało się ocenić, nie potoczyłoby się inaczej.
rules-preview-from = Co się stało
rules-preview-to = Co by się stało
rules-preview-count = Ile
rules-preview-examples = Na przykład
rules-preview-goes = Zostałoby wysłane
rules-preview-waits = Czekałoby
rules-preview-left-out = Zostałoby pominięte
rules-preview-number-told = Czeka jak przedtem, ale numer zostałby podany od razu
rules-preview-number-waits = Czeka jak przedtem, ale numer nie zostałby jeszcze podany
rules-preview-gone = To, co poszło, tak zostaje; z kolejnymi będzie tak od teraz.
rules-preview-never = Skutek tych reguł nie jest oceniany, bo zależy od tego, co jest w systemie docelowym: { $rules }.
rules-preview-unchanged = { $n ->
    [one] { $n } eksport potoczyłby się tak samo.
    [few] { $n } eksporty potoczyłyby się tak samo.
    [many] { $n } eksportów potoczyłoby się tak samo.
   *[other] { $n } eksportu potoczyłoby się tak samo.
}
rules-preview-unjudged = { $n ->
    [0] Dało się ocenić wszystko.
    [one] { $n } eksportu nie dało się ocenić: zależy to od czegoś, co nie jest zapisywane, na przykład czy był już zapłacony.
    [few] { $n } eksportów nie dało się ocenić: zależy to od czegoś, co nie jest zapisywane, na przykład czy były już zapłacone.
    [many] { $n } eksportów nie dało się ocenić: zależy to od czegoś, co nie jest zapisywane, na przykład czy były już zapłacone.
   *[other] { $n } eksportu nie dało się ocenić: zależy to od czegoś, co nie jest zapisywane, na przykład czy był już zapłacony.
}

rules-wrong-pattern = To nie jest wyrażenie regularne: sprawdź nawiasy.
rules-wrong-time = Podaj godzinę, na przykład 02:30; źródło musi umieć wypisać, co ma.
rules-wrong-days = Podaj liczbę od 1 do 90.
rules-wrong-zone = Podaj strefę czasową, na przykład Europe/Prague lub UTC.
rules-wrong-pair = Podaj pole i to, gdzie należy jego numer, albo zostaw oba puste.
rules-wrong-when = Wybierz jedną z możliwości: tutaj każda faktura tworzy zapis, który zmienia zamówienie, więc nie ma domyślnej.
rules-wrong-value = Wybierz jedną z wartości listy.
