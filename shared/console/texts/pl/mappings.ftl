# Mappings of a channel.

mappings-title = Mapowania kanału { $name }
mappings-lead = Jak Twoje źródła nazywają przewoźnika, rodzaj dokumentu lub płatność, a jak nazywa je { $name }. Jednakowe nazwy nie potrzebują wpisu. To, co czeka na wpis, po zapisaniu zostanie wysłane samo.
mappings-not-read = Nie udało się odczytać list kanału { $name }.
mappings-nameless = { $n ->
    [one] Jeszcze { $n } czeka bez wartości, którą można by tu wpisać.
    [few] Jeszcze { $n } czekają bez wartości, którą można by tu wpisać.
    [many] Jeszcze { $n } czeka bez wartości, którą można by tu wpisać.
   *[other] Jeszcze { $n } czeka bez wartości, którą można by tu wpisać.
}
mappings-see-which = Zobacz, które to są
mappings-not-all-counted = Czeka więcej, niż tu policzono; liczby dotyczą pierwszych dziesięciu tysięcy.
mappings-caption = Wartości w Twoich źródłach i w kanale { $name }
mappings-kind = Rodzaj
mappings-at-sources = W Twoich źródłach
mappings-at-target = W kanale { $name }
mappings-waiting = Czeka
mappings-counterpart = Odpowiednik wartości { $value }
mappings-use = Użyj { $name }
mappings-new-kind = Rodzaj nowego wpisu
mappings-new-value = Nowa wartość z Twoich źródeł
mappings-new-counterpart = Jej odpowiednik
mappings-removed = Wpis bez odpowiednika zostanie usunięty.
mappings-target-has = Co oferuje { $name }
mappings-carriers = Przewoźnicy
mappings-document-types = Typy dokumentów
mappings-no-such-kind = Nie ma takiego rodzaju mapowania.
mappings-for-which = Podaj, dla której wartości jest { $value }.
