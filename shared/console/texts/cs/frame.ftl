# Rám kolem každé stránky a jak tento jazyk píše čísla a časy.

language-name = Čeština
language-choose = Jazyk

# Mezi skupinami tří číslic a před desetinnými místy.
format-group = {"\u00A0"}
format-point = ,
# Podle strftime; vždy UTC.
format-instant = %-d. %-m. %Y %H:%M:%S UTC

away-now = teď
away-seconds = před { $n } s
away-minutes = před { $n } min
away-hours = před { $n } h
away-days = { $n ->
    [one] před { $n } dnem
    [few] před { $n } dny
    [many] před { $n } dne
   *[other] před { $n } dny
}
ahead-seconds = za { $n } s
ahead-minutes = za { $n } min
ahead-hours = za { $n } h
ahead-days = { $n ->
    [one] za { $n } den
    [few] za { $n } dny
    [many] za { $n } dne
   *[other] za { $n } dní
}

yes = ano
no = ne
nothing-to-do = Nic.
what-to-do = Co udělat:
note = Poznámka
save = Uložit
confirm = Potvrdit
cancel = Zrušit

frame-skip = Přejít k obsahu
frame-main = Hlavní nabídka
frame-log-out = Odhlásit se
frame-tagline = Backhaul přenáší faktury, dobropisy a sledovací čísla zpět do vašich e-shopů a na tržiště, právě jednou. Všechny časy jsou v UTC.
frame-codes = Co znamenají kódy a důvody
frame-reader = Jste přihlášeni:
frame-looks = Můžete se dívat, ne měnit.
frame-looks-why = Změny provádí, kdo je přihlášen jako operátor.

nav-overview = Přehled
nav-exports = Exporty
nav-dead = Nedoručitelné
nav-compare = Porovnání
nav-connections = Propojení
nav-notices = Upozornění

outcome-good = V pořádku
outcome-failed = Nezdařilo se
