# Mappings of a channel.

mappings-title = Mapowania kanału { $name }
mappings-lead = Jak Twoje źródła nazywają przewoźnika, rodzaj dokumentu lub płatność, a jak nazywa je { $name }. Jednakowe nazwy nie potrzebują wpisu. To, co czeka na wpis, po zapisaniu zostanie wysłane samo.
mappings-not-read = Nie udało się odczytać list kanału { $name }.
mappings-nameless = { $n ->
    [one] Jeszcze { $n } czeka bez wartości, którą można by tu wpisać.
    [few] Jeszcze { $n } czekają bez wartości, którą można by tu wpisać.
    [many] Jeszcze { $n } czeka bez wartości, którą można by tu wpisać.
   *[other] Jeszcze { $n } czeka bez wartości, którą można by tu wpisać.
}
mappings-see-which = Zobacz, które to są
mappings-not-all-counted = Czeka więcej, niż tu policzono; liczby dotyczą pierwszych dziesięciu tysięcy.
mappings-caption = Wartości w Twoich źródłach i w kanale { $name }
mappings-at-sources = W Twoich źródłach
mappings-at-target = W kanale { $name }
mappings-waiting = Czeka
mappings-counterpart = Odpowiednik wartości { $value }
mappings-use = Użyj { $name }
mappings-new-value = Nowa wartość z Twoich źródeł
mappings-new-counterpart = Jej odpowiednik
mappings-removed = Wpis bez odpowiednika zostanie usunięty.
mappings-target-has = Co oferuje { $name }
mappings-no-such-kind = Nie ma takiego rodzaju mapowania.
mappings-for-which = Podaj, dla której wartości jest { $value }.
mappings-usual-carriers = Bez wpisu używany jest przewoźnik o takim samym kodzie lub nazwie na tamtejszej liście; tam, gdzie przyjmowany jest każdy przewoźnik, idzie pod własną nazwą. Czeka tylko to, co zostanie.
mappings-usual-types = Bez wpisu używany jest typ z ustawień tego połączenia.
mappings-usual-payments = Bez wpisu reguły znają rodzaj płatności pod jego własną nazwą.
mappings-usual-deliveries = Na razie nic ich nie używa: żadne zamówienie nie podaje rodzaju dostawy.
mappings-use-all = { $n ->
    [one] Użyj propozycji
    [few] Użyj wszystkich { $n } propozycji
    [many] Użyj wszystkich { $n } propozycji
   *[other] Użyj wszystkich { $n } propozycji
}
mappings-saved = { $n ->
    [0] Zapisano. Nic nie czekało na to, co jest teraz zmapowane.
    [one] Zapisano. Czekał na to { $n } eksport i teraz idzie dalej.
    [few] Zapisano. Czekały na to { $n } eksporty i teraz idą dalej.
    [many] Zapisano. Czekało na to { $n } eksportów i teraz idą dalej.
   *[other] Zapisano. Czekało na to { $n } eksportu i teraz idą dalej.
}
