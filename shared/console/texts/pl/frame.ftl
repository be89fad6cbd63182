# The frame around every page, and how this language writes numbers and times.

language-name = Polski
language-choose = Język

# Between groups of three digits, and before the decimals.
format-group = {"\u00A0"}
format-point = ,
# As strftime has it; always UTC.
format-instant = %d.%m.%Y %H:%M:%S UTC

away-now = teraz
away-seconds = { $n } s temu
away-minutes = { $n } min temu
away-hours = { $n } godz. temu
away-days = { $n ->
    [one] { $n } dzień temu
    [few] { $n } dni temu
    [many] { $n } dni temu
   *[other] { $n } dnia temu
}
ahead-seconds = za { $n } s
ahead-minutes = za { $n } min
ahead-hours = za { $n } godz.
ahead-days = { $n ->
    [one] za { $n } dzień
    [few] za { $n } dni
    [many] za { $n } dni
   *[other] za { $n } dnia
}

yes = tak
no = nie
nothing-to-do = Nic nie trzeba robić.
what-to-do = Co zrobić:
note = Notatka
save = Zapisz
confirm = Potwierdź
cancel = Anuluj

frame-skip = Przejdź do treści
frame-main = Menu główne
frame-log-out = Wyloguj się
frame-tagline = Backhaul przekazuje faktury, faktury korygujące i numery śledzenia z powrotem do Twoich sklepów i marketplace’ów, dokładnie raz. Wszystkie godziny są podane w UTC.
frame-codes = Co znaczą kody i powody
frame-reader = Zalogowano:
frame-looks = Możesz przeglądać, ale nie zmieniać.
frame-looks-why = Zmian dokonuje osoba zalogowana jako operator.

nav-overview = Przegląd
nav-exports = Eksporty
nav-dead = Nieudane eksporty
nav-compare = Porównanie
nav-connections = Połączenia
nav-notices = Powiadomienia

outcome-good = W porządku
outcome-failed = Nie powiodło się
