# Who did what.

audit-title = Kto co zrobił
audit-lead = Każda zmiana, o którą ktoś poprosił, od najnowszej, i jej wynik. Zachowujemy nazwy, nie wartości; wpis zostaje przez 400 dni.
audit-about = Czego dotyczy
audit-about-hint = Identyfikator połączenia, eksportu lub zadania albo numer zamówienia.
audit-who = Kto
audit-what = Co
audit-outcome = Wynik
audit-when = Kiedy
audit-caption = Co zrobiono, od najnowszego
audit-only-about = Dotyczy: { $what }
audit-only-who = Kto: { $who }
audit-none = Nikt jeszcze nic nie zrobił.
audit-none-here = W odczytanej części nic nie pasuje. Przejdź do starszych.
audit-no-place = Nie ma takiego miejsca na liście. Zacznij od najnowszych.
audit-no-thing = nic konkretnego
audit-cut = Nazw było więcej, niż się zachowuje.
audit-about-this = Kto co z tym zrobił

audit-who-session = ktoś zalogowany na tych stronach
audit-who-token = token API
audit-who-viewer-token = token obserwatora
audit-who-unknown = nie zachowano, bo wyglądało jak adres

# What an entry gives names of.
audit-names-all = Wszystko
audit-names-at = Gdzie
audit-names-call = Wywołanie
audit-names-changed = Zmieniono
audit-names-code = Kod
audit-names-connection = Połączenie
audit-names-connector = Konektor
audit-names-document = Dokument
audit-names-dry-run = Tylko policzono
audit-names-ids = Eksporty
audit-names-kind = Rodzaj
audit-names-kinds = Rodzaje
audit-names-label = Nazwa
audit-names-mappings = Mapowania
audit-names-operation = Rodzaj pracy
audit-names-operations = Rodzaje pracy
audit-names-order = Zamówienie
audit-names-outcome = Decyzja
audit-names-role = Rola
audit-names-rules = Reguły
audit-names-secrets = Sekrety
audit-names-settings = Ustawienia
audit-names-shipment = Paczka
audit-names-since = Od
audit-names-source = Źródło
audit-names-state = Stan
audit-names-switches = Przełączniki
audit-names-target = System docelowy
audit-names-webhook = Webhook
audit-names-decision = Decyzja
