about = Faktury, proforma faktury a dobropisy, které vystavuje SuperFaktura, i s jejich PDF. Zjišťují se dotazováním: webhooky neposílá. Nic se tam nezapisuje.

field-email = E-mail
    .help = Adresa uživatele, kterému klíč patří: Nástroje > API přístup.
field-company_id = ID společnosti
    .help = Je potřeba, pokud má uživatel více společností: Nástroje > API přístup.
field-host = Adresa
    .help = Adresa, na které se přihlašujete. Klíč platí jen na jedné adrese.
field-api_key = API klíč
    .help = Nástroje > API přístup, nejlépe od samostatného uživatele s rolí Administrátor.
