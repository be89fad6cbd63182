# Podłączanie systemu: wybór, formularz, strona połączenia, jego koniec.

connect-choose-title = Podłącz system
connect-choose-lead = Który system chcesz podłączyć? Każde połączenie jest najpierw wypróbowane, a dopiero potem zapisane.
connect-first = Nic jeszcze nie jest podłączone. Zacznij od systemu, który wystawia faktury, potem dodaj kuriera, a na końcu sklepy i marketplace’y.
connect-choose = Podłącz
connect-there = { $n ->
    [one] Jedno już jest.
    [few] Są już { $n }.
    [many] Jest już { $n }.
   *[other] Jest już { $n }.
}
connect-hears-webhook = Sam powiadamia nas o zmianach, a oprócz tego go odpytujemy.
connect-hears-polled = Regularnie pytamy go o zmiany.
connect-hears-told = Paczki ktoś nam zgłasza albo znajdujemy je po numerach przy zamówieniach.

connect-new-title = Podłącz { $vendor }
connect-edit-title = Zmień { $label }
connect-required = wymagane
connect-choose-one = Wybierz
connect-vendor-page = Strona usługodawcy na ten temat
connect-kept = Zapisane; puste pole zachowuje wartość. Ustawiono:
connect-forget = Usuń zapisaną wartość

connect-names = Jak się nazywa
connect-label = Nazwa
connect-label-help = Jak będzie nazywane na tych stronach.
connect-id = Krótka nazwa
connect-id-help = Od 3 do 64 małych liter bez polskich znaków, cyfr i łączników. Jest częścią adresów i nie można jej później zmienić.
connect-own = Dostęp do systemu { $vendor }
connect-base-url = Adres
connect-base-url-help = Adres, pod którym otwierasz system w przeglądarce, z https:// i bez konkretnej strony.
connect-base-url-fixed = Zastępuje własny adres usługodawcy. Tylko do ćwiczeń.

connect-switches = Co jest tam przekazywane
connect-guarantee = Ochrona przed powtórzeniem: { $guarantee }.
connect-when = Faktury są wysyłane
connect-when-help = W jakim stanie musi być faktura w źródle.
connect-when-needed = Potrzebne, jeśli przekazywane są faktury: każda tworzy tu zapis, który zmienia zamówienie.
connect-when-usual = jak zwykle tutaj: { $when }
connect-when-issued = gdy tylko mają numer
connect-when-sent = gdy zostaną wysłane do kupującego
connect-when-in-payment = gdy płatność jest w toku
connect-when-paid = gdy zostaną zapłacone
connect-when-never = nigdy
connect-order-pattern = Jego numery zamówień
connect-order-pattern-help = Wyrażenie regularne. Potrzebne, gdy dwa sklepy lub marketplace’y mogą mieć ten sam numer zamówienia.

connect-more = Więcej ustawień
connect-usual = Bez wpisu: { $usual }.
connect-since = Dokumenty od
connect-since-help = Jak daleko wstecz pytamy. Bez wpisu: od chwili podłączenia.
connect-poll-every = Pytanie o zmiany co
connect-poll-every-help = Czas, na przykład 5m lub 1h.
connect-parcels-every = Pytanie o każdą paczkę co
connect-event-delay = Odczyt po zdarzeniu za
connect-event-delay-help = Ile czekać, zanim źródło zostanie odczytane: czas, na przykład 5s.
connect-order-field = Pole z numerem zamówienia
connect-order-field-help = Tak, jak nazywa je usługodawca.
connect-reference-pattern = Numer zamówienia w tym polu
connect-reference-pattern-help = Wyrażenie regularne. Numerem zamówienia jest to, co stoi w pierwszej parze nawiasów, a bez nich wszystko, co pasuje.
connect-pace = Najwięcej wywołań
connect-pace-help = Na przykład 400/60s albo off. To, co mówi usługodawca, ma pierwszeństwo.
connect-pace-off = bez naszego ograniczenia
connect-pace-calls = { $n ->
    [one] { $n } wywołanie w ciągu { $time }
    [few] { $n } wywołania w ciągu { $time }
    [many] { $n } wywołań w ciągu { $time }
   *[other] { $n } wywołania w ciągu { $time }
}
connect-late-bound = Utracone wywołanie może jeszcze zadziałać przez
connect-late-bound-help = Tyle czekamy, zanim ponownie wyślemy to, co niepewne: czas, na przykład 120s.
connect-expire-on = Sekrety wygasają
connect-expire-on-help = Jeśli usługodawca podał dzień. Powiadomimy cię 14, 3 i 1 dzień wcześniej.
connect-overlap = Stare sekrety webhooka są przyjmowane jeszcze przez
connect-overlap-help = Po wpisaniu nowego: czas, na przykład 24h.
connect-no-time = od razu
connect-seconds = { $n } s
connect-minutes = { $n } min
connect-hours = { $n } godz.
connect-disable = Wyłączone
connect-disable-help = Nic nie jest stamtąd odczytywane i nic tam nie trafia, dopóki nie włączysz go ponownie.

connect-save = Sprawdź i zapisz
connect-only-look = Możesz tu tylko patrzeć. Zmieniać może operator.
connect-save-help = Najpierw następuje próba, która trwa najwyżej 20 sekund. Zapisujemy tylko to, co działa.
connect-save-anyway = Zapisz mimo to
connect-save-anyway-help = Sekretów nigdy nie pokazujemy: wpisz je jeszcze raz. To, co zapiszesz mimo to, pozostaje niesprawdzone; nic nie wyjdzie, dopóki sprawdzenie się nie uda.
connect-failed = Nie udało się użyć: { $vendor }
connect-failed-new = Nic nie zapisano.
connect-failed-changed = Nic nie zmieniono: działa dalej tak jak dotąd.
connect-refused = Czegoś brakuje albo coś jest źle
connect-refused-lead = Nic nie zapisano. Przy każdym polu jest napisane, co zrobić. Sekretów nigdy nie pokazujemy: wpisz je jeszcze raz.
connect-made = Działa i jest w użyciu
connect-made-unverified = Zapisano, ale jeszcze nie działa
connect-changed = Zmiana jest zapisana
connect-changed-unverified = Zmiana jest zapisana, ale nie działa
connect-eligible = { $n ->
    [one] { $n } eksport był dotąd pomijany, bo przełącznik był wyłączony. Sam z siebie nie wyjdzie.
    [few] { $n } eksporty były dotąd pomijane, bo przełącznik był wyłączony. Same z siebie nie wyjdą.
    [many] { $n } eksportów było dotąd pomijanych, bo przełącznik był wyłączony. Same z siebie nie wyjdą.
   *[other] { $n } eksportu było dotąd pomijane, bo przełącznik był wyłączony. Samo z siebie nie wyjdzie.
}
connect-eligible-list = Które to są
connect-left-out = { $n ->
    [one] { $n } eksport, który tu czeka, zostanie pominięty, gdy przyjdzie jego kolej: przełącznik jest teraz wyłączony.
    [few] { $n } eksporty, które tu czekają, zostaną pominięte, gdy przyjdzie ich kolej: przełącznik jest teraz wyłączony.
    [many] { $n } eksportów, które tu czekają, zostanie pominiętych, gdy przyjdzie ich kolej: przełącznik jest teraz wyłączony.
   *[other] { $n } eksportu, który tu czeka, zostanie pominięte, gdy przyjdzie jego kolej: przełącznik jest teraz wyłączony.
}
connect-preview = Pokaż, co zmieniłyby przełączniki
connect-outlook = Co zmieniłyby przełączniki
connect-outlook-help = Nic jeszcze nie zapisano. Przez samo przełączenie nic nie wychodzi.
connect-outlook-none = Żaden przełącznik się nie zmienia.
connect-outlook-more = Jest ich więcej, niż policzono.
connect-would-be-eligible = { $n ->
    [0] Nic nie zostało pominięte przez przełącznik, który byłby włączony.
    [one] { $n } eksport został pominięty przez przełącznik, który byłby włączony. Znajdzie go eksport zbiorczy.
    [few] { $n } eksporty zostały pominięte przez przełącznik, który byłby włączony. Znajdzie je eksport zbiorczy.
    [many] { $n } eksportów zostało pominiętych przez przełącznik, który byłby włączony. Znajdzie je eksport zbiorczy.
   *[other] { $n } eksportu zostało pominięte przez przełącznik, który byłby włączony. Znajdzie je eksport zbiorczy.
}
connect-would-be-skipped = { $n ->
    [0] Nie czeka nic, co zostałoby pominięte.
    [one] { $n } czekający eksport zostałby pominięty, gdy przyjdzie jego kolej.
    [few] { $n } czekające eksporty zostałyby pominięte, gdy przyjdzie ich kolej.
    [many] { $n } czekających eksportów zostałoby pominiętych, gdy przyjdzie ich kolej.
   *[other] { $n } czekającego eksportu zostałoby pominięte, gdy przyjdzie jego kolej.
}
connect-needs = Potrzebne jest jeszcze:
connect-fetch = Pobierz dotychczasowe dokumenty
connect-fetch-from = Pobierz dotychczasowe dokumenty: { $name }
connect-fetch-help = Najpierw pokażemy i policzymy, co tam jest. Nic nie wyjdzie, dopóki tego nie potwierdzisz.

connect-missing = Czego jeszcze brakuje
connect-lacks-connector = Ten program nie ma już takiego konektora.
connect-lacks-accounting = Nie ma jeszcze połączenia z księgowością, więc nie ma dokumentów do przekazania.
connect-lacks-courier = Nie ma jeszcze połączenia z kurierem, więc nie ma numerów śledzenia do przekazania.
connect-lacks-channel = Nie ma jeszcze sklepu ani marketplace’u, do którego można coś przekazać.
connect-lacks-switch = Wszystkie przełączniki są wyłączone, więc nic nie jest tam przekazywane.
connect-lacks-address = Usługodawcy nie mogą jeszcze dotrzeć do tego programu: uruchom go z --public-url. Do tego czasu zmiany znajduje odpytywanie.
connect-lacks-when = Nie wybrano jeszcze, kiedy faktury są wysyłane.
connect-add = Dodaj
connect-switch-on = Włącz coś

connect-last-success = Ostatnio dostarczono
connect-no-success = jeszcze nic
connect-edit = Zmień
connect-remove = Usuń
connect-does = Co potrafi
connect-does-what = Co
connect-does-on = Włączone
connect-does-guarantee = Ochrona przed powtórzeniem
connect-cannot = Nie jest tam przekazywane:
connect-troubles = Co się nie udało lub czeka
connect-troubles-why = Dlaczego
connect-troubles-count = Ile
connect-troubles-last = Ostatnio
connect-recent = Najnowsze eksporty
connect-settings = Ustawienia
connect-further = Więcej informacji

connect-secrets = Sekrety
connect-expires = Wygasają
connect-pending = Czekają nowe:
connect-pending-help = Zostaną użyte, gdy tylko uda się z nimi sprawdzenie. Do tego czasu obowiązują dotychczasowe.
connect-pending-tried = Ostatnia próba
connect-withdraw = Wycofaj nowe
connect-former = { $name }: stara wartość jest przyjmowana w webhookach do
connect-former-token = Stary adres webhooka jest przyjmowany do
connect-renew = Utwórz nowy adres webhooka
connect-renew-help = Stary adres jest jeszcze przez pewien czas przyjmowany, żeby nic nie przepadło, zanim wpiszesz nowy.
connect-exchange = Wymień sekrety
connect-exchange-help = Wpisz tylko te, które się zmieniają. Najpierw następuje próba; dotychczasowe obowiązują, dopóki nowe nie działają.
connect-exchange-with = Co zmienia się razem z nimi
connect-exchange-save = Sprawdź i wymień
connect-rotated-replaced = Nowe sekrety działają i są w użyciu.
connect-rotated-pending = Nowe sekrety jeszcze nie działają. Obowiązują dotychczasowe.
connect-rotated-withdrawn = Nowe sekrety zostały wycofane.

connect-webhook = Webhook
connect-webhook-before = Jak wpisać webhook w systemie { $vendor }
connect-webhook-once = Adres zawiera sekret i jest widoczny tylko teraz: skopiuj go.
connect-webhook-hidden = Końcówka adresu jest tajna i nie zostanie ponownie pokazana.
connect-webhook-events = Zdarzenia:
connect-webhook-retries = Gdy nie odpowiemy, usługodawca próbuje ponownie: { $how }.
connect-calls = Ostatnie przyjęte wywołania
connect-no-calls = jeszcze żadnego
connect-calls-since = Pełne od
connect-calls-refused = Odrzucone od uruchomienia programu
connect-calls-times = { $n ->
    [one] raz, ostatnio
    [few] { $n } razy, ostatnio
    [many] { $n } razy, ostatnio
   *[other] { $n } razy, ostatnio
}
connect-webhook-test = Wypróbuj adres
connect-webhook-proves = Wywołujemy adres stąd, bez podpisu usługodawcy, i patrzymy, kto odpowie. To dowodzi, że adres prowadzi do tego programu i że program zna to połączenie. Nie dowodzi, że usługodawca może do niego dotrzeć, ani że wpisany u niego sekret się zgadza: dowiedzie tego dopiero jego pierwsze wywołanie.
connect-webhook-ours = Odpowiada tam nasz program. Zna to połączenie i odrzuca to, czego usługodawca nie podpisał.
connect-webhook-not-known = Odpowiada tam nasz program, ale nie zna tego połączenia. Adres może należeć do innej instalacji.
connect-webhook-unavailable = Odpowiada tam nasz program, ale nie może teraz odczytać swojej bazy danych. Spróbuj ponownie za minutę.
connect-webhook-another = Odpowiada tam ktoś inny. Sprawdź adres publiczny i to, co stoi przed tym programem.
connect-webhook-private = Ten adres jest prywatny: żaden usługodawca do niego nie dotrze. Uruchom program z --public-url.
connect-webhook-nobody = Nikt tam nie odpowiada. Sprawdź adres publiczny, jego certyfikat i to, co stoi przed tym programem.

connect-remove-title = Usuń { $label }
connect-remove-lead = Połączenie, jego ustawienia i jego sekrety zostaną skasowane. Tego nie można cofnąć.
connect-remove-becomes = Co stanie się z tym, co czeka
connect-remove-left-out = { $n ->
    [0] Nic tam nie czeka.
    [one] { $n } czekający eksport zostanie pominięty, gdy przyjdzie jego kolej.
    [few] { $n } czekające eksporty zostaną pominięte, gdy przyjdzie ich kolej.
    [many] { $n } czekających eksportów zostanie pominiętych, gdy przyjdzie ich kolej.
   *[other] { $n } czekającego eksportu zostanie pominięte, gdy przyjdzie jego kolej.
}
connect-remove-to = W drodze tam
connect-remove-from = Stamtąd
connect-remove-kept = To, co dostarczono, pozostaje dostarczone, nieudane eksporty pozostają nieudane, a wszystkie zapisy zostają.
connect-remove-confirm = Aby potwierdzić, wpisz { $id }
connect-remove-mistyped = To nie jest jego krótka nazwa. Nic nie usunięto.
connect-removed = Połączenie { $label } zostało usunięte.

connect-id-unfit = Użyj od 3 do 64 małych liter bez polskich znaków, cyfr i łączników; słowo new jest zastrzeżone.
connect-id-taken = To jest już zajęte: wybierz coś innego.
