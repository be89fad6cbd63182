# Every word of the API and the pages, in Polish.
#
# Tone: short and plain; the reader is addressed as "ty" in the imperative (Sprawdź, Popraw), we are "my" (sprawdzamy).
# Quotes „…”, dashes –, an apostrophe ’; a non-breaking space after one-letter words and between a number and what it counts.
# "Nothing." is always "Nic nie trzeba robić.", word for word.
#
# Glossary:
# - export: eksport (m.); batch export: eksport zbiorczy; attempt: próba; receipt: potwierdzenie; proof: dowód
# - invoice: faktura; proforma: faktura pro forma; credit note: faktura korygująca; line: pozycja; total: suma
# - order: zamówienie; order reference: numer zamówienia; order pattern: wzorzec numeru zamówienia; article number: numer artykułu
# - parcel: paczka; shipment: wysyłka; tracking number: numer śledzenia; label: etykieta; hand over: nadać; multi-shipment: wiele
#   wysyłek (multi-shipment)
# - deliver an export: dostarczyć; deliver a parcel to the buyer: doręczyć
# - courier: kurier; carrier: przewoźnik; shop: sklep; marketplace: marketplace (gen. marketplace’u; no locative); channel: kanał
# - source: źródło; target: system docelowy; vendor: usługodawca; merchant: sprzedawca; buyer: kupujący
# - connection: połączenie; connector: konektor; switch: przełącznik; rule: reguła; mapping: mapowanie; counterpart: odpowiednik
# - credentials: dane dostępowe; secret: sekret; right: uprawnienie; check: sprawdzenie; call: wywołanie; body: treść
# - dead letter: nieudany eksport; redrive: ponów, ponowienie; try again: spróbuj ponownie; send again: wyślij ponownie
# - held, waits: czeka, oczekiwanie; paused: wstrzymane, wstrzymanie; resume: wznów; left out: pominięty; not needed: niepotrzebny
# - poll: odpytywanie; webhook: webhook; notice: powiadomienie; topic: temat powiadomień; finding: uwaga; deviation: rozbieżność
# - refund: zwrot pieniędzy; viewer: obserwator; operator: operator; exchange secrets: wymienić sekrety, wymiana
# - job: zadanie; log: dziennik; deployment: instalacja; store: baza danych; identity provider: dostawca tożsamości; issuer: wystawca
#   (issuer)

## state

state-sending = W trakcie wysyłania
    .explanation = Jest właśnie przekazywany.
    .next = Nic nie trzeba robić.
state-accepted = Przyjęty, jeszcze bez decyzji
    .explanation = System docelowy go przyjął i zdecyduje później.
    .next = Nic nie trzeba robić; odpowiedź zostanie pobrana.
state-delivered = Dostarczony
    .explanation = Jest w systemie docelowym; dowód znajduje się w potwierdzeniu.
    .next = Nic nie trzeba robić.
state-retrying = Będzie kolejna próba
    .explanation = Próba się nie udała; następna już czeka na swoją porę.
    .next = Na razie nic nie trzeba robić; sprawdź ostatni błąd.
state-held = Czeka
    .explanation = Na coś czeka; czekanie nie zużywa prób.
    .next = Sprawdź, na co czeka.
state-expired = Czekał na próżno
    .explanation = To, na co czekał, nie nadeszło na czas.
    .next = Spróbuj ponownie, jeśli nadal jest potrzebny, albo oznacz go jako niepotrzebny.
state-uncertain = Niepewny
    .explanation = Mógł dotrzeć albo nie, a systemu docelowego nie da się o to zapytać.
    .next = Sprawdź w systemie docelowym i zaznacz, czy dotarł.
state-dead = Nieudany
    .explanation = Trzy próby się nie powiodły.
    .next = Usuń przyczynę i ponów eksport albo oznacz go jako niepotrzebny.
state-skipped = Pominięty
    .explanation = Nie może zostać wysłany.
    .next = Nic nie trzeba robić, chyba że powód jest błędny.
state-planned = Zaplanowany
    .explanation = Powstał z niego po jednym eksporcie na każdy system docelowy.
    .next = Zobacz te eksporty.

## hold

hold-order_unknown = Zamówienie nie jest jeszcze znane
    .explanation = Żaden kanał nie zna jeszcze tego zamówienia.
    .next = Nic nie trzeba robić, jeśli zamówienie dopiero nadejdzie; w przeciwnym razie popraw numer zamówienia w źródle albo wskaż
        zamówienie.
hold-order_ambiguous = Zamówienie zna kilka kanałów
    .explanation = Więcej niż jeden kanał ma zamówienie o tym numerze.
    .next = Wskaż właściwe albo ustaw kanałom wzorce numerów zamówień.
hold-order_mismatch = Nie pasuje do zamówienia
    .explanation = Waluta lub suma dokumentu nie pasuje do zamówienia.
    .next = Porównaj jedno z drugim; popraw dokument w źródle.
hold-predecessor = Najpierw musi dotrzeć coś innego
    .explanation = Najpierw musi dotrzeć inny dokument, inna wysyłka lub inne wywołanie tego zamówienia.
    .next = Nic nie trzeba robić; eksport sam ruszy dalej.
hold-document_not_ready = Dokument nie jest gotowy
    .explanation = Źródło nie ukończyło jeszcze dokumentu lub jego pliku PDF.
    .next = Nic nie trzeba robić; dokument zostanie wkrótce pobrany ponownie.
hold-not_paid_yet = Jeszcze niezapłacone
    .explanation = Na zapłatę czeka reguła systemu docelowego albo sam system docelowy.
    .next = Nic nie trzeba robić; dokument zostanie wysłany, gdy będzie wiadomo o zapłacie.
hold-not_handed_over = Paczka jeszcze nienadana
    .explanation = Kurier nie zeskanował jeszcze paczki.
    .next = Nic nie trzeba robić; numer zostanie wysłany przy pierwszym skanie.
hold-number_missing = Nie ma jeszcze numeru śledzenia
    .explanation = Paczka nie ma jeszcze numeru śledzenia.
    .next = Nic nie trzeba robić; numer zostanie wysłany, gdy będzie znany.
hold-mapping_missing = Brak odpowiednika w systemie docelowym
    .explanation = Wartość ze źródła nie ma odpowiednika w systemie docelowym.
    .next = Dodaj go do mapowań systemu docelowego; to, co czeka, zostanie wysłane samo.
hold-lines_unmatched = Pozycje się nie zgadzają
    .explanation = Pozycje dokumentu nie pasują do pozycji zamówienia.
    .next = Popraw numery artykułów albo wyślij dokument bez pozycji.
hold-preflight = System docelowy by to odrzucił
    .explanation = Z góry wiemy, że system docelowy musi to odrzucić.
    .next = Przeczytaj szczegóły i popraw dane w źródle.
hold-target_has_other = System docelowy ma już inny egzemplarz
    .explanation = System docelowy ma już coś takiego, a nie wiadomo, czy pochodzi od nas.
    .next = Sprawdź w systemie docelowym; zaznacz, że dotarło, wyślij ponownie albo zostaw.
hold-rate_limited = Usługodawca prosi o przerwę
    .explanation = Było zbyt wiele wywołań; usługodawca podał, ile czekać.
    .next = Nic nie trzeba robić; eksport sam ruszy dalej.
hold-connection_paused = Połączenie jest wstrzymane
    .explanation = Połączenie jest wstrzymane, więc nie ma żadnych prób.
    .next = Zajrzyj do połączenia.
hold-settling = Wcześniejsze wywołanie może jeszcze zadziałać
    .explanation = Wywołanie skończyło się bez odpowiedzi; zanim wyślemy ponownie, sprawdzimy na miejscu.
    .next = Nic nie trzeba robić; eksport sam ruszy dalej.

## skip

skip-not_ours = Nie z kanału sprzedaży
    .explanation = Nie należy do żadnego z Twoich sklepów ani marketplace’ów. W zwykłej księgowości jest wiele takich dokumentów.
    .next = Nic nie trzeba robić, chyba że numer zamówienia w źródle jest błędny.
skip-switched_off = Wyłączone
    .explanation = Przełącznik tej czynności jest w systemie docelowym wyłączony.
    .next = Włącz go, a potem uruchom eksport zbiorczy.
skip-unsupported = Tam niemożliwe
    .explanation = System docelowy nie ma na to miejsca.
    .next = Nic nie trzeba robić; strona konektora mówi, co system docelowy przyjmuje.
skip-rule_never = Reguła mówi „nigdy”
    .explanation = Zgodnie z regułą systemu docelowego tego się nie wysyła.
    .next = Zmień regułę, jeśli ma to być wysyłane, a potem uruchom eksport zbiorczy.
skip-marketplace_invoices = Fakturę wystawia marketplace
    .explanation = Tę fakturę wystawia sam marketplace.
    .next = Nic nie trzeba robić.
skip-document_gone = Usunięty w źródle
    .explanation = W źródle już go nie ma.
    .next = Nic nie trzeba robić, chyba że usunięto go przez pomyłkę.
skip-document_cancelled = Anulowany w źródle
    .explanation = Został anulowany w źródle, zanim go wysłano.
    .next = Nic nie trzeba robić.
skip-order_cancelled = Zamówienie anulowane
    .explanation = Zamówienie zostało anulowane w systemie docelowym.
    .next = Nic nie trzeba robić, chyba że anulowano je przez pomyłkę.
skip-dismissed = Uznany za niepotrzebny
    .explanation = Ktoś oznaczył go jako niepotrzebny.
    .next = Wyślij go ręcznie, jeśli jednak jest potrzebny.

## operation

operation-look = Ustalenie, dokąd trafi
    .explanation = Odczytuje źródło i znajduje kanał zamówienia.
operation-send_invoice = Faktura
    .explanation = Przekazuje fakturę do kanału.
operation-send_credit_note = Faktura korygująca
    .explanation = Przekazuje fakturę korygującą do kanału.
operation-send_tracking = Numer śledzenia
    .explanation = Przekazuje numer śledzenia i informuje, że paczka wyruszyła.
operation-send_delivery_state = Stan doręczenia
    .explanation = Informuje kanał, gdzie jest paczka.
operation-cancel_order = Anulowanie
    .explanation = Anuluje zamówienie w systemie docelowym.
operation-refund_order = Zwrot pieniędzy
    .explanation = Zapisuje fakturę korygującą w kanale jako zwrot pieniędzy.
operation-acknowledge_order = Potwierdzenie przyjęcia
    .explanation = Potwierdza przyjęcie zamówienia w jego kanale.
operation-import_order = Zamówienie
    .explanation = Przenosi zamówienie do innego systemu.
operation-issue_invoice = Wystawienie faktury
    .explanation = Zleca księgowości wystawienie faktury.
operation-issue_proforma = Wystawienie faktury pro forma
    .explanation = Zleca księgowości wystawienie faktury pro forma.
operation-issue_credit_note = Wystawienie faktury korygującej
    .explanation = Zleca księgowości wystawienie faktury korygującej.

## guarantee

guarantee-K = System docelowy rozpoznaje powtórkę
    .explanation = Wysyłamy ponownie z tym samym kluczem; system docelowy wykonuje to raz.
guarantee-N = System docelowy odrzuca drugi egzemplarz
    .explanation = Wysyłamy ponownie; system docelowy odrzuca duplikat, a my porównujemy ten, który już ma.
guarantee-R = Zanim wyślemy ponownie, sprawdzamy na miejscu
    .explanation = Przed każdym wysłaniem odczytujemy, co ma system docelowy; na to, co może jeszcze zadziałać, czekamy.
guarantee-U = W razie wątpliwości decyduje człowiek
    .explanation = Systemu docelowego nie da się zapytać. W razie wątpliwości nigdy sami nie wysyłamy ponownie.

## step

step-look = Odczyt źródła
    .explanation = Odczytanie źródła i znalezienie zamówienia.
step-preflight = Sprawdzenie z góry
    .explanation = Sprawdzenie, czy wszystko się zgadza, zanim cokolwiek zostanie wysłane.
step-read_back = Zajrzenie do systemu docelowego
    .explanation = Pytanie do systemu docelowego, co już ma.
step-send = Wysłanie
    .explanation = Wywołanie, które wprowadza zmianę w systemie docelowym.
step-confirm = Sprawdzenie po wysłaniu
    .explanation = Pytanie do systemu docelowego po wysłaniu, czy to ma.

## role

role-accounting = Księgowość
    .explanation = Wystawia faktury i faktury korygujące.
role-courier = Kurier
    .explanation = Przewozi paczki i podaje numery śledzenia.
role-channel = Sklep lub marketplace
    .explanation = Stąd przychodzą zamówienia.

## connection_state

connection_state-unverified = Jeszcze niesprawdzone
    .explanation = Żadne sprawdzenie z obecnymi ustawieniami się nie powiodło, więc nic nie jest wysyłane.
    .next = Uruchom sprawdzenie.
connection_state-active = W użyciu
    .explanation = Połączenie działa i jest używane.
    .next = Nic nie trzeba robić.
connection_state-paused = Wstrzymane
    .explanation = Do końca wstrzymania nie ma tam żadnych prób; to, co czeka, nie przepadnie.
    .next = Sprawdź powód wstrzymania.
connection_state-disabled = Wyłączone
    .explanation = Ktoś je wyłączył.
    .next = Włącz je, jeśli znów jest potrzebne.

## pause

pause-outage = Brak kontaktu
    .explanation = Kilka wywołań z rzędu nie zastało tam nikogo.
    .next = Nic nie trzeba robić: próby są ponawiane same i wszystko ruszy, gdy nadejdzie odpowiedź.
pause-credentials = Odrzuca nasze dane dostępowe
    .explanation = Usługodawca nie przyjmuje naszych danych dostępowych albo brakuje uprawnienia.
    .next = Wprowadź nowe dane dostępowe albo nadaj uprawnienie, a potem uruchom sprawdzenie.
pause-by_hand = Wstrzymane ręcznie
    .explanation = Ktoś je wstrzymał.
    .next = Wznów je, gdy może działać dalej.

## switch

switch-send_invoice = Otrzymuje faktury
    .explanation = Trafiają tu faktury.
switch-send_credit_note = Otrzymuje faktury korygujące
    .explanation = Trafiają tu faktury korygujące.
switch-send_tracking = Otrzymuje numery śledzenia
    .explanation = Trafiają tu numery śledzenia.
switch-send_delivery_state = Otrzymuje stany doręczenia
    .explanation = Dostaje informacje, gdzie są paczki.
switch-send_cancellation = Otrzymuje anulowania
    .explanation = Trafiają tu anulowania.
switch-send_refund = Otrzymuje zwroty pieniędzy
    .explanation = Faktury korygujące są tu zapisywane jako zwroty pieniędzy do zamówienia.
switch-acknowledge_order = Zamówienia są potwierdzane
    .explanation = Przyjęcie zamówień z tego miejsca jest potwierdzane.
switch-issue_documents = Wystawia dokumenty
    .explanation = Zlecamy mu wystawianie dokumentów.

## order_state

order_state-pending = Jeszcze niepotwierdzone
    .explanation = Czeka na przyjęcie, zapłatę lub weryfikację.
order_state-open = Otwarte
    .explanation = Można je zafakturować i wysłać.
order_state-shipped = Wysłane
    .explanation = Zostało wysłane, przynajmniej częściowo.
order_state-closed = Zamknięte
    .explanation = Nie ma już nic do zrobienia.
order_state-cancelled = Anulowane
    .explanation = Nigdy nie zostanie zrealizowane.

## delivery_state

delivery_state-label_created = Etykieta utworzona
    .explanation = Etykieta już jest; kurier nie ma jeszcze paczki.
delivery_state-in_transit = W drodze
    .explanation = Paczkę ma kurier.
delivery_state-out_for_delivery = W doręczeniu
    .explanation = Jest na ostatnim odcinku albo czeka na odbiór.
delivery_state-delivered = U kupującego
    .explanation = Paczkę ma kupujący.
delivery_state-delivery_failed = Nieudane doręczenie
    .explanation = Próba doręczenia się nie powiodła.
delivery_state-returned = Zwrócona
    .explanation = Paczka wróciła.
delivery_state-cancelled = Anulowana
    .explanation = Nigdy nie wyruszy.
delivery_state-unknown = Stan nieznany
    .explanation = Kurier podał coś, czego nie ma w żadnej tabeli.

## subject

subject-invoice = Faktura
    .explanation = Faktura.
subject-proforma = Faktura pro forma
    .explanation = Prośba o zapłatę; nie jest fakturą w rozumieniu przepisów podatkowych.
subject-credit_note = Faktura korygująca
    .explanation = Koryguje fakturę.
subject-parcel = Paczka
    .explanation = Paczka.
subject-order = Zamówienie
    .explanation = Zamówienie.
subject-document = Dokument
    .explanation = Dokument, który nie został jeszcze odczytany.

## notice

notice-connection_paused = Połączenie zostało wstrzymane
    .explanation = Do końca wstrzymania nic nie jest tam wysyłane; to, co ma tam trafić, czeka.
    .next = Otwórz połączenie: mówi, co zrobić.
notice-uncertain = Musi zdecydować człowiek
    .explanation = Mogło dotrzeć albo nie, a systemu docelowego nie da się o to zapytać.
    .next = Sprawdź w systemie docelowym i zaznacz, czy dotarło.
notice-dead_letter = Nieudany eksport
    .explanation = Trzy próby się nie powiodły. O innych, które w ciągu doby skończą się tak samo, nie powiadamiamy osobno.
    .next = Usuń przyczynę i ponów eksport albo oznacz go jako niepotrzebny.
notice-webhook = Webhooki nie docierają
    .explanation = Zmiany w tym źródle znajduje tylko odpytywanie: nic nie ginie, ale jest wysyłane później.
    .next = Sprawdź webhook u usługodawcy: jego adres, sekret i to, czy jest włączony.
notice-credentials_expiring = Dane dostępowe wkrótce wygasną
    .explanation = Po tym dniu usługodawca będzie je odrzucał; połączenie zostanie wtedy wstrzymane, a to, co ma tam trafić, będzie czekać.
    .next = Utwórz u usługodawcy nowe i wprowadź je; dotychczasowe pozostaną w użyciu, aż sprawdzenie z nowymi się powiedzie.
notice-digest = Dzień w liczbach
    .explanation = Stan spraw, raz dziennie.
    .next = Nic nie trzeba robić.
notice-test = Test
    .explanation = Ktoś sprawdził drogę, którą wychodzą powiadomienia.
    .next = Nic nie trzeba robić.

## notice_way

notice_way-webhook = Webhook
    .explanation = Podpisane wywołanie na Twój adres.
notice_way-email = E-mail
    .explanation = Wiadomość na każdy z podanych adresów.
notice_way-topic = Temat powiadomień
    .explanation = Wiadomość do tematu powiadomień tej instalacji.

## shipment

shipment-accepted = Przyjęta
    .explanation = Paczka jest teraz sprawdzana i śledzona aż do końca.
shipment-known = Już znana
    .explanation = Paczka jest już znana przy tym zamówieniu; nic nie dzieje się dwa razy.
shipment-refused = Nieprzyjęta
    .explanation = Tego wiersza nie da się użyć. Pozostałe wiersze od niego nie zależą.
    .next = Popraw go i zgłoś ponownie.

## mapping

mapping-carriers = Przewoźnik
    .explanation = Przewoźnik podany przez kuriera, tak jak nazywa go system docelowy.
mapping-payments = Płatność
    .explanation = Rodzaj płatności zamówienia lub dokumentu, tak jak nazywają go reguły tego systemu docelowego.
mapping-deliveries = Dostawa
    .explanation = Sposób dostawy. Na razie nic go nie używa: żadne zamówienie nie podaje swojego.
mapping-document_types = Typ dokumentu
    .explanation = Rodzaj dokumentu jako typ własny systemu docelowego.

## likeness

likeness-same_name = ta sama nazwa
    .explanation = Różnią się najwyżej wielkością liter, znakami diakrytycznymi i interpunkcją.
likeness-other_country = ta sama nazwa, inny kraj
    .explanation = Różnią się tylko nazwą kraju.
likeness-other_name = inna nazwa tego samego przewoźnika
    .explanation = Dwie nazwy, pod którymi działa jeden przewoźnik.
likeness-contains = jedna nazwa jest częścią drugiej
    .explanation = Każde słowo jednej nazwy występuje w drugiej.
likeness-shared_word = wspólne słowo
    .explanation = Nazwy mają wspólne słowo.

## access_role

access_role-viewer = Obserwator
    .explanation = Może wszystko oglądać i wypróbować, co zostałoby wysłane; niczego nie zmienia.
access_role-operator = Operator
    .explanation = Może wszystko zmieniać.

## audit_action

audit_action-put_connection = Zmiana połączenia
    .explanation = Połączenie zostało utworzone lub zastąpione.
audit_action-delete_connection = Usunięcie połączenia
    .explanation = Połączenie zostało usunięte.
audit_action-check_connection = Sprawdzenie połączenia
    .explanation = Połączenie zostało sprawdzone i na tej podstawie ustalono jego stan.
audit_action-pause_connection = Wstrzymanie połączenia
    .explanation = Połączenie zostało wstrzymane ręcznie.
audit_action-resume_connection = Wznowienie połączenia
    .explanation = Wstrzymanie połączenia zostało zakończone.
audit_action-rotate_secrets = Wymiana sekretów
    .explanation = Sekrety połączenia zostały wymienione.
audit_action-connect_at_vendor = Połączenie u usługodawcy
    .explanation = Kogoś skierowano do usługodawcy, aby wyraził tam zgodę na połączenie, albo ktoś stamtąd wrócił.
audit_action-save_mappings = Zmiana mapowań
    .explanation = Mapowania połączenia zostały zmienione.
audit_action-carry_by_hand = Przekazanie ręczne
    .explanation = Ktoś zlecił przekazanie dokumentu lub paczki.
audit_action-retry = Kolejna próba
    .explanation = Kolejną próbę eksportu wyznaczono na teraz.
audit_action-resolve = Decyzja
    .explanation = Podjęto decyzję w sprawie eksportu.
audit_action-seen = Oznaczenie jako przeczytane
    .explanation = Uwaga została oznaczona jako przeczytana.
audit_action-redrive = Ponowienie
    .explanation = Nieudane eksporty zostały ponowione.
audit_action-dismiss = Uznanie za niepotrzebne
    .explanation = Nieudane eksporty oznaczono jako niepotrzebne.
audit_action-batch_export = Eksport zbiorczy
    .explanation = Rozpoczęto eksport zbiorczy.
audit_action-preview = Podgląd
    .explanation = Działanie na wielu rzeczach zostało policzone i pokazane, zanim zostanie wykonane.
audit_action-confirm_job = Zatwierdzenie podglądu
    .explanation = Wykonano to, co pokazał podgląd.
audit_action-cancel_job = Zakończenie zadania
    .explanation = Zadanie zostało zakończone.
audit_action-tell_shipments = Zgłoszenie paczek
    .explanation = Zgłoszono paczki.
audit_action-name_aliases = Zmiana innych numerów zamówienia
    .explanation = Zmieniono inne numery, pod którymi zamówienie jest znane.
audit_action-put_notices = Zmiana powiadomień
    .explanation = Zmieniono, kogo i o czym powiadamiamy.
audit_action-test_notices = Powiadomienie testowe
    .explanation = Wysłano powiadomienie testowe.
audit_action-make_link = Utworzenie linku do logowania
    .explanation = Utworzono link, który otwiera strony.
audit_action-log_in = Logowanie
    .explanation = Otwarto strony.
audit_action-other = Zmiana
    .explanation = Zmieniono coś, co nie ma tu nazwy; szczegóły mówią, którym wywołaniem.

## audit_about

audit_about-connection = Połączenie
    .explanation = Połączenie.
audit_about-export = Eksport
    .explanation = Eksport.
audit_about-job = Zadanie
    .explanation = Zadanie.
audit_about-order = Zamówienie
    .explanation = Zamówienie.
audit_about-notices = Powiadomienia
    .explanation = Ustawienia powiadomień.

## audit_outcome

audit_outcome-asked = Zlecone
    .explanation = Zostało zlecone. Nie wiadomo, czy to wykonano: program w międzyczasie zakończył działanie albo wyniku nie dało się zapisać.
    .next = Sprawdź na miejscu, czy to wykonano.
audit_outcome-done = Wykonane
    .explanation = Zostało wykonane.
audit_outcome-refused = Odrzucone
    .explanation = Zostało odrzucone i nic nie zrobiono.
audit_outcome-failed = Nieudane
    .explanation = Nie powiodło się; część mogła zostać wykonana.
    .next = Sprawdź na miejscu; powtórzenie jest bezpieczne.

## deviation

deviation-not_exported = Nikt nam o tym nie powiedział
    .explanation = O tym dokumencie lub tej paczce nigdy nic nie przyszło: nie było webhooka i nie pojawiło się to w żadnym odpytaniu.
    .next = Zleć przekazanie teraz, a potem sprawdź, czemu zabrakło wiadomości: adres webhooka i odpytywanie źródła.
deviation-missing_at_target = Pominięte, ale teraz potrzebne
    .explanation = Zostało pominięte z powodu ustawienia, które się od tego czasu zmieniło, i nie ma tego w systemie docelowym.
    .next = Zleć przekazanie teraz albo uruchom eksport zbiorczy dla wszystkich takich.
deviation-lost_at_target = Już tam tego nie ma
    .explanation = Zostało dostarczone, z dowodem, a teraz nie ma tego w systemie docelowym.
    .next = Ustal w systemie docelowym, kto to usunął. Nowa wersja w źródle zostanie przekazana ponownie.
deviation-still_waiting = Jeszcze niedostarczone
    .explanation = Eksport nadal czeka, jest w trakcie prób albo zakończył się bez dostarczenia.
    .next = Otwórz eksport: mówi, na co czeka i co można zrobić.
deviation-wrong_order = Przy niewłaściwym zamówieniu
    .explanation = W systemie docelowym jest przy innym zamówieniu, niż podaje źródło.
    .next = Popraw numer zamówienia w źródle albo usuń to w systemie docelowym, zależnie od tego, co jest błędne.
deviation-number_differs = Inny numer
    .explanation = To, co dostarczono, jest na miejscu, ale nie pod numerem ze źródła.
    .next = Sprawdź, kto zmienił numer, i popraw go tam, gdzie jest błędny.
deviation-total_differs = Inna suma
    .explanation = Suma w źródle różni się od sumy w systemie docelowym.
    .next = Porównaj oba dokumenty i popraw błędny; może być potrzebna faktura korygująca.
deviation-currency_differs = Inna waluta
    .explanation = Waluta w źródle różni się od waluty w systemie docelowym.
    .next = Popraw dokument w źródle.
deviation-date_differs = Inna data
    .explanation = W systemie docelowym powstało to przed datą samego dokumentu albo długo po tym, jak to dostarczyliśmy.
    .next = Sprawdź, czy nie wypada tam w innym okresie i czy to na pewno to samo.
deviation-lines_differ = Inne ilości
    .explanation = Ilości w systemie docelowym różnią się od ilości w pozycjach dokumentu.
    .next = Porównaj pozycje po obu stronach i popraw błędną.
deviation-file_differs = Inny plik
    .explanation = Plik w systemie docelowym ma inny rozmiar niż ten, który został dostarczony.
    .next = Sprawdź, kto go podmienił. Nowa wersja w źródle zostanie przekazana ponownie.
deviation-duplicate_at_target = Jest tam dwa razy
    .explanation = System docelowy ma więcej niż jeden egzemplarz tego samego dokumentu lub tej samej paczki.
    .next = Usuń nadmiarowy w systemie docelowym.
deviation-unknown_at_source = Nie ma tego w żadnym źródle
    .explanation = W systemie docelowym jest to pod numerem, którego nie zna żadne źródło.
    .next = Sprawdź, skąd się wzięło: z innego programu czy z dokumentu usuniętego w źródle.
deviation-gone_at_source = Usunięte w źródle
    .explanation = Zostało dostarczone i nadal jest w systemie docelowym, ale źródło już tego nie ma.
    .next = Przywróć to w źródle albo usuń w systemie docelowym.
deviation-cancelled_at_source = Anulowane w źródle
    .explanation = Zostało anulowane w źródle, a nadal jest w systemie docelowym.
    .next = Usuń to w systemie docelowym albo wystaw fakturę korygującą.
deviation-credit_note_without_invoice = Faktura korygująca bez faktury
    .explanation = Faktura korygująca jest w systemie docelowym, ale faktury, którą koryguje, tam nie ma.
    .next = Zleć przekazanie faktury albo usuń fakturę korygującą.
deviation-parcel_missing = Brakuje numeru śledzenia
    .explanation = Paczka została zgłoszona do systemu docelowego, a teraz nie ma tam żadnego jej numeru.
    .next = Zajrzyj do zamówienia; kupujący nie widzi numeru śledzenia.
deviation-parcel_number_differs = Inny numer śledzenia
    .explanation = Paczka została zgłoszona do systemu docelowego, a teraz na jej miejscu jest inny numer.
    .next = Sprawdź, kto go zmienił, i popraw go w systemie docelowym albo u kuriera.
deviation-parcel_extra = Nadmiarowy numer śledzenia
    .explanation = Przy zamówieniu jest numer śledzenia, który nie należy do żadnej jego znanej paczki.
    .next = Sprawdź, co to za paczka: innego kuriera czy pomyłka.

## problem

problem-unknown_connection = Nieznane połączenie
    .explanation = Nie ma połączenia o tym identyfikatorze i w tej roli.
    .next = Znajdź właściwy identyfikator na liście połączeń.
problem-unknown_export = Nieznany eksport
    .explanation = Nie ma eksportu o tym identyfikatorze.
    .next = Szukaj po zamówieniu, dokumencie albo numerze śledzenia.
problem-unknown_order = Nieznane zamówienie
    .explanation = O tym zamówieniu w tym kanale nic nie wiadomo.
    .next = Sprawdź numer zamówienia i kanał.
problem-unknown_job = Nieznane zadanie
    .explanation = Nie ma zadania o tym identyfikatorze.
    .next = Uruchom zadanie jeszcze raz; dwukrotne uruchomienie jest bezpieczne.
problem-unknown_code = Nieznany kod
    .explanation = Żaden kod ani powód tak się nie nazywa.
    .next = Zajrzyj do listy kodów.
problem-unknown_connector = Nieznany konektor
    .explanation = Żaden konektor tak się nie nazywa albo nie ma tej roli.
    .next = Wybierz konektor z listy.
problem-unknown_path = Nic tu nie ma
    .explanation = Ten adres donikąd nie prowadzi.
    .next = W opisie API sprawdź, jakie są wywołania.
problem-method_not_allowed = Niedozwolona metoda
    .explanation = Ten adres nie przyjmuje tej metody.
    .next = W opisie API sprawdź, jakie metody przyjmuje.
problem-invalid_field = Błędne pole
    .explanation = Pola brakuje, jest nieznane albo ma wartość, której nie da się użyć.
    .next = Popraw wskazane pola i wyślij ponownie.
problem-invalid_json = Nieczytelne
    .explanation = Treść nie jest danymi JSON, które przyjmuje to wywołanie.
    .next = Popraw treść; szczegóły wskazują miejsce.
problem-invalid_body = Nieczytelne
    .explanation = Treść jest autentyczna, ale nie da się jej odczytać.
    .next = Poproś nadawcę o powtórzenie; jeśli nic się nie zmieni, podaj nam konektor i godzinę.
problem-too_large = Za duże
    .explanation = Treść jest większa, niż wolno.
    .next = Wyślij mniejszą treść.
problem-unauthenticated = Nieuwierzytelnione
    .explanation = Brakuje tokenu, podpisu lub logowania albo są błędne.
    .next = Sprawdź token albo sekret webhooka po obu stronach.
problem-forbidden = Niedozwolone
    .explanation = Żądanie przyszło od kogoś, kto może wszystko oglądać, ale niczego nie może zmienić, albo formularz przyszedł bez tokenu
        swojej strony.
    .next = Poproś operatora, by to zrobił albo nadał Ci tę rolę; jeśli już ją masz, wczytaj stronę od nowa i powtórz.
problem-host_refused = Host odrzucony
    .explanation = Ten serwer nie odpowiada na podany nagłówek Host.
    .next = Użyj adresu publicznego albo tego, który serwer wypisuje przy starcie.
problem-no_tenant = Nie wskazano sprzedawcy
    .explanation = Logowanie jest poprawne, ale nie wskazuje sprzedawcy, którego dane można pokazać.
    .next = Poproś osobę zarządzającą użytkownikami o ustawienie Twojego atrybutu sprzedawcy, a potem zaloguj się ponownie.
problem-login_failed = Logowanie się nie powiodło
    .explanation = Nie udało się dokończyć logowania: trwało zbyt długo, toczyło się dalej w innej przeglądarce albo odpowiedź dostawcy
        tożsamości się nie zgadzała.
    .next = Zaloguj się jeszcze raz; jeśli nic się nie zmieni, powód jest w dzienniku.
problem-issuer_unavailable = Dostawca tożsamości niedostępny
    .explanation = Nie udało się połączyć z dostawcą tożsamości albo jego odpowiedzi nie dało się użyć.
    .next = Powtórz za chwilę; jeśli nic się nie zmieni, sprawdź ustawionego wystawcę (issuer) i identyfikator klienta.
problem-conflict = Teraz niemożliwe
    .explanation = Obecny stan na to nie pozwala.
    .next = Sprawdź obecny stan i zdecyduj jeszcze raz.
problem-empty_filter = Filtr jest pusty
    .explanation = Pusty filtr oznaczałby wszystko.
    .next = Podaj filtr albo wpisz {"{"}"all":true{"}"}.
problem-in_use = Katalog danych jest zajęty
    .explanation = Na tym katalogu danych pracuje inny proces.
    .next = Zatrzymaj ten proces albo wybierz inny katalog.
problem-store_unavailable = Baza danych lub kolejka niedostępna
    .explanation = Bazy danych, kolejki albo klucza nie dało się odczytać lub zapisać.
    .next = Nic nie zginęło: powtórz wywołanie za chwilę.
problem-not_reachable_by_vendor = Brak adresu publicznego
    .explanation = Usługodawcy nie mogą połączyć się z tym serwerem pod jego adresem lokalnym.
    .next = Uruchom z opcją --public-url.

## check

check-unreachable = Brak kontaktu
    .explanation = Nie udało się połączyć z hostem.
    .next = Sprawdź adres i to, czy host działa.
check-address_refused = Adres odrzucony
    .explanation = Adres jest prywatny, typu loopback lub link-local, a takie systemy docelowe są niedozwolone.
    .next = Użyj adresu publicznego albo uruchom z opcją --allow-private-targets, jeśli tak ma być.
check-tls_failed = Bezpieczne połączenie się nie udało
    .explanation = Nie udało się zweryfikować certyfikatu hosta.
    .next = Sprawdź nazwę hosta i jego certyfikat.
check-credentials_refused = Dane dostępowe odrzucone
    .explanation = Usługodawca nie przyjmuje tych danych dostępowych.
    .next = Wprowadź nowe dane dostępowe i uruchom sprawdzenie albo połącz ponownie u usługodawcy, jeśli tam wyrażono zgodę.
check-permission_missing = Brak uprawnienia
    .explanation = Dane dostępowe są poprawne, ale brakuje uprawnienia.
    .next = Nadaj wskazane uprawnienie u usługodawcy i uruchom sprawdzenie.
check-subscription_inactive = Abonament nieaktywny
    .explanation = Plan lub funkcja u usługodawcy nie jest aktywna.
    .next = Aktywuj ją u usługodawcy i uruchom sprawdzenie.
check-account_blocked = Konto zablokowane
    .explanation = Usługodawca zablokował konto.
    .next = Wyjaśnij to z usługodawcą i uruchom sprawdzenie.
check-not_that_vendor = To nie ten system
    .explanation = Coś tam odpowiada, ale nie system, z którym rozmawia ten konektor.
    .next = Sprawdź adres.
check-clock_skew = Zegary się różnią
    .explanation = Nasz zegar i zegar usługodawcy różnią się za bardzo.
    .next = Ustaw zegar tej maszyny.
check-rate_limited = Zbyt wiele wywołań
    .explanation = Usługodawca prosi, byśmy zwolnili.
    .next = Poczekaj; wszystko samo ruszy dalej.
check-setting_invalid = Błędne ustawienie
    .explanation = Usługodawca nie zna tego, co wskazuje ustawienie.
    .next = Popraw wskazane ustawienie i uruchom sprawdzenie.
check-webhook_off = Webhook jest wyłączony
    .explanation = Usługodawca ma nasz webhook, ale jest on wyłączony.
    .next = Włącz go u usługodawcy albo pozwól, by zarejestrował go Backhaul (manage_webhook).
check-webhook_silent = Webhooki chyba nie docierają
    .explanation = Zmiany w tym źródle pięć razy z rzędu znalazło tylko odpytywanie.
    .next = Sprawdź webhook u usługodawcy: jego adres, sekret i to, czy jest włączony.
check-notice_refused = Powiadomienie nie zostało przyjęte
    .explanation = Odbiorca powiadomień odpowiedział, że tego nie przyjmuje.
    .next = Sprawdź odbiorcę; próby są ponawiane same przez trzy dni.
check-way_unavailable = Nie ma takiej drogi
    .explanation = Ta instalacja nie ma serwera poczty ani tematu powiadomień.
    .next = Ustaw serwer poczty albo temat powiadomień tej instalacji lub wybierz inną drogę.

## attempt

attempt-vendor_error = Błąd u usługodawcy
    .explanation = Usługodawca odpowiedział własnym błędem.
    .next = Przeczytaj komunikat usługodawcy, zajrzyj na stronę stanu jego usług, a potem ponów.
attempt-vendor_refused = Usługodawca odmówił
    .explanation = Usługodawca odrzucił żądanie.
    .next = Przeczytaj komunikat usługodawcy, usuń przyczynę, a potem ponów.
attempt-vendor_timeout = Brak odpowiedzi na czas
    .explanation = Usługodawca nie odpowiedział na czas.
    .next = Sprawdź, czy usługodawca działa powoli lub wcale, a potem ponów; zanim wyślemy ponownie, sprawdzimy na miejscu.
attempt-vendor_unreachable = Brak połączenia
    .explanation = Nie było połączenia z usługodawcą albo się zerwało.
    .next = Sprawdź, czy usługodawca działa, a potem ponów; zanim wyślemy ponownie, sprawdzimy na miejscu.
attempt-vendor_nonsense = Nieczytelna odpowiedź
    .explanation = Odpowiedzi usługodawcy nie dało się zrozumieć.
    .next = Sprawdź, czy adres prowadzi do samego usługodawcy, a potem ponów.
attempt-answer_too_large = Za duża odpowiedź
    .explanation = Odpowiedź usługodawcy jest większa, niż odczytujemy.
    .next = Obejrzyj dokument u usługodawcy, a potem ponów.
attempt-error_inside_success = Błąd wewnątrz sukcesu
    .explanation = Usługodawca odpowiedział sukcesem z błędem w środku.
    .next = Przeczytaj komunikat usługodawcy, usuń przyczynę, a potem ponów.
attempt-not_a_pdf = To nie PDF
    .explanation = To, co podało źródło, nie jest plikiem PDF albo jest za duże.
    .next = Otwórz dokument w źródle, a potem ponów.
attempt-order_state = Zamówienie na to nie pozwala
    .explanation = Stan zamówienia w systemie docelowym na to nie pozwala.
    .next = Obejrzyj zamówienie w systemie docelowym, a potem ponów.
attempt-not_confirmed = Potem nie znaleziono
    .explanation = Usługodawca zgłosił sukces, ale tego, co wysłano, tam nie ma.
    .next = Sprawdź w systemie docelowym; ponowienie najpierw tam zagląda.
attempt-crashed = Awaria
    .explanation = Praca nad tym eksportem raz po raz kończyła się bez wyniku.
    .next = Podaj nam identyfikator eksportu; ponowienie spróbuje go jeszcze raz, osobno.

## skip_code

skip_code-no_order_reference = Brak numeru zamówienia
    .explanation = Dokument nie podaje zamówienia, więc nie należy do żadnego kanału.
    .next = Nic nie trzeba robić, jeśli nie pochodzi ze sklepu ani marketplace’u; w przeciwnym razie popraw go w źródle.
skip_code-no_channel_matches = Nie pasuje żaden kanał
    .explanation = Numer zamówienia nie pasuje do żadnego kanału.
    .next = Nic nie trzeba robić, jeśli nie pochodzi ze sklepu ani marketplace’u; w przeciwnym razie sprawdź wzorce numerów zamówień
        kanałów.
skip_code-not_carried = Pominięty przez regułę
    .explanation = Reguła źródła pomija takie dokumenty.
    .next = Zmień regułę źródła, jeśli taki dokument ma być wysyłany.
skip_code-switched_off = Wyłączone
    .explanation = Przełącznik tej czynności jest w systemie docelowym wyłączony.
    .next = Włącz go, a potem uruchom eksport zbiorczy.
skip_code-unsupported = Tam niemożliwe
    .explanation = System docelowy nie ma na to miejsca.
    .next = Nic nie trzeba robić; strona konektora mówi, co system docelowy przyjmuje.
skip_code-rule_never = Reguła mówi „nigdy”
    .explanation = Zgodnie z regułą systemu docelowego tego się nie wysyła.
    .next = Zmień regułę, jeśli ma to być wysyłane, a potem uruchom eksport zbiorczy.
skip_code-marketplace_invoices = Fakturę wystawia marketplace
    .explanation = Tę fakturę wystawia sam marketplace.
    .next = Nic nie trzeba robić.
skip_code-document_gone = Usunięty w źródle
    .explanation = W źródle już go nie ma.
    .next = Nic nie trzeba robić, chyba że usunięto go przez pomyłkę.
skip_code-document_cancelled = Anulowany w źródle
    .explanation = Został anulowany w źródle, zanim go wysłano.
    .next = Nic nie trzeba robić.
skip_code-order_cancelled = Zamówienie anulowane
    .explanation = Zamówienie zostało anulowane w systemie docelowym.
    .next = Nic nie trzeba robić, chyba że anulowano je przez pomyłkę.
skip_code-one_number_per_order = Jeden numer na zamówienie
    .explanation = System docelowy trzyma jeden numer śledzenia na zamówienie i już go ma.
    .next = Włącz w marketplace’u wiele wysyłek (multi-shipment), jeśli ma się dowiedzieć o każdej paczce.
skip_code-dismissed = Uznany za niepotrzebny
    .explanation = Ktoś oznaczył go jako niepotrzebny.
    .next = Wyślij go ręcznie, jeśli jednak jest potrzebny.

## finding

finding-cancelled_after_sending = Anulowane po wysłaniu
    .explanation = Źródło anulowało coś, co już zostało przekazane albo mogło zostać. W systemie docelowym nadal to jest.
    .next = Sprawdź w systemie docelowym i wycofaj to tam, jeśli nie może zostać, a potem oznacz uwagę jako przeczytaną.
finding-gone_after_sending = Usunięte po wysłaniu
    .explanation = Źródło nie ma już czegoś, co już zostało przekazane albo mogło zostać. W systemie docelowym nadal to jest.
    .next = Sprawdź w systemie docelowym i wycofaj to tam, jeśli nie może zostać, a potem oznacz uwagę jako przeczytaną.

audit_action-decide_many = Zdecydowano o kilku eksportach
    .explanation = Jedną decyzję podjęto o kilku eksportach.
