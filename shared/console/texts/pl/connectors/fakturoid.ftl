about = Faktury, faktury pro forma i faktury korygujące wystawione w Fakturoidzie, razem z plikami PDF. Niczego tam nie zapisujemy.
field-slug = Nazwa konta (slug)
    .help = Słowo po app.fakturoid.cz/ w adresie Twojego konta.
field-client_id = Client ID
    .help = Settings > User account: dane API v3 (API v3 credentials) Twojego konta.
field-contact_email = E-mail kontaktowy
    .help = Fakturoid wymaga Twojego adresu w nagłówku User-Agent każdego wywołania.
field-client_secret = Client secret
    .help = Widoczny obok Client ID w danych API v3.
field-webhook_authorization = Autoryzacja webhooka
    .help = Cała wartość Authorization podana przy webhooku, na przykład `Bearer` i długi losowy tekst.
field-webhook_authorization_previous = Poprzednia autoryzacja webhooka
    .help = Na czas zmiany wartości: stara wartość, która działa, dopóki jej stąd nie usuniesz.
field-manage_webhook = Rejestracja webhooka
    .help = yes: Backhaul rejestruje swój adres w Fakturoidzie, gdy go tam nie ma albo gdy jest wyłączony. Najpierw włącz zarządzanie
        webhookami w ustawieniach użytkownika Fakturoida.
webhook-setup = Settings > Webhooks (plany płatne). Wpisz adres, wartość Authorization i te zdarzenia.
webhook-retries = pięć razy w coraz dłuższych odstępach, chyba że w ciągu 30 s nadejdzie 2xx
