about = Faktury, faktury pro forma i faktury korygujące wystawione w SuperFakturze, razem z plikami PDF, znajdowane przez odpytywanie:
    SuperFaktura nie wysyła webhooków. Niczego tam nie zapisujemy.
field-email = E-mail
    .help = Adres użytkownika, do którego należy klucz: Tools > API access.
field-company_id = ID firmy
    .help = Potrzebne, gdy użytkownik ma kilka firm: Tools > API access.
field-host = Adres
    .help = Adres, pod którym się logujesz. Klucz działa tylko pod jednym adresem.
field-api_key = Klucz API
    .help = Tools > API access, najlepiej osobnego użytkownika z rolą Administrator.
