about = Paczki jednego konta Packeta: numery, dalsi przewoźnicy z ich własnymi numerami, stany doręczenia, etykiety. Packeta nie udostępnia
    listy, więc paczki się nam zgłasza albo znajdujemy je po numerach przy zamówieniach. Niczego tam nie zapisujemy.
field-api_password = Hasło API
    .help = Client section > Client support > API password: 32 znaki. Nie krótszy API key.
field-from_orders = Numery przy zamówieniach
    .help = Numery w rodzaju Z1234567890, które są przy zamówieniu sklepu jako numer śledzenia albo w komentarzu, same stają się paczkami.
        Wybierz `tracks`, żeby nie czytać komentarzy, albo `off`, jeśli paczki zgłaszasz tylko przez API.
field-label_format = Format etykiety
    .help = Taki, jaki panel klienta oferuje dla etykiet Packety: `A6 on A4`, `A7 on A6`.
field-time_zone = Godziny w odpowiedziach
    .help = Packeta podaje godziny bez strefy czasowej. Wybierz `utc`, jeśli widoczne godziny są o godzinę lub dwie za późne.
