about = Paczki jednej integracji Sendcloud: numery śledzenia, przewoźnicy, stany doręczenia, etykiety. Niczego tam nie zapisujemy.
field-public_key = Klucz publiczny
    .help = Settings > Integrations > Twoja integracja > Public Key.
field-parcels_api = API paczek
    .help = Wybierz `off`, jeśli Twoje konto nie może używać API paczek v2: nie ma wtedy listy zmian, a to, czego nie podaje API śledzenia,
        bierzemy z podpisanego webhooka.
field-secret_key = Klucz tajny
    .help = Widoczny obok Public Key integracji.
field-webhook_signature_key = Klucz podpisu webhooków
    .help = Webhook Signature Key integracji, jeśli jest widoczny. Przyjmowany jest każdy z obu kluczy.
field-webhook_signature_key_previous = Poprzedni klucz podpisu
    .help = Na czas zmiany klucza: stary klucz, ważny dla webhooków, dopóki go stąd nie usuniesz.
webhook-setup = Settings > Integrations > Twoja integracja: włącz webhook feedback i wpisz adres. Każda integracja wymaga osobnego adresu.
webhook-retries = dziesięć razy, pierwszy raz po 5 minutach, odstęp najwyżej 1 godzina; w dowolnej kolejności
