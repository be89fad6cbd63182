about = Marketplace’y działające na platformie Mirakl, od strony sprzedawcy. Faktury i faktury korygujące trafiają do zamówienia jako pliki
    PDF. Numer śledzenia trafia do zamówienia, gdy tylko jest znany, a wysyłka zostaje potwierdzona po nadaniu paczki; części zamówienia idą
    jako osobne wysyłki tam, gdzie marketplace obsługuje wiele wysyłek (multi-shipment).
field-api_key = Klucz API
    .help = W panelu sprzedawcy: menu Twojego użytkownika, „API key”. Jeden na użytkownika i marketplace.
field-shop_id = ID sklepu
    .help = Tylko gdy Twój użytkownik ma kilka sklepów: numer sklepu, którego użyć.
field-invoice_type_code = Typ dokumentu dla faktur
    .help = Określa go marketplace; listę odczytuje sprawdzenie.
field-credit_note_type_code = Typ dokumentu dla faktur korygujących
    .help = Określa go marketplace. Bez niego faktury korygujące nie są przekazywane.
field-carrier_free_text = Przewoźnicy po nazwie
    .help = „false”, jeśli marketplace przyjmuje tylko przewoźników ze swojej listy; inni czekają wtedy na mapowanie.
promise-send_invoice = Plik PDF jest przy zamówieniu tylko raz; przed każdym przesłaniem i po nim odnajdujemy go po nazwie i typie, a nowsza
    wersja zastępuje starszy plik.
promise-send_credit_note = Tak jak faktury, pod typem, który marketplace ma dla faktur korygujących. Żadne pieniądze się nie ruszają.
promise-send_tracking = Numer jest podawany raz i wysyłka potwierdzana raz, po odczytaniu, co pokazuje zamówienie; numer, który nie jest
    nasz, nigdy nie zostaje nadpisany.
