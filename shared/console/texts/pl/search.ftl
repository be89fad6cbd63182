# Pole wyszukiwania na każdej stronie i to, co znajduje.

search-title = Wyszukiwanie
search-label = Zamówienie, dokument lub numer śledzenia
search-do = Szukaj
search-again = Szukaj ponownie
search-hint = Można szukać numerów zamówień, numerów i identyfikatorów dokumentów, numerów śledzenia oraz identyfikatorów eksportów. O kupujących nic nie przechowujemy, więc nie da się szukać po nazwisku, adresie ani e-mailu.
search-orders = Zamówienia
search-its-export = Jego eksport
search-full = Widać tylko pierwsze wyniki. Aby zobaczyć pozostałe, podaj większą część numeru.
search-nothing = Nic nie wiadomo o „{ $what }”.
search-try = Czego spróbować:
search-try-spelling = Skopiuj numer dokładnie tak, jak widnieje w sklepie, w księgowości lub u kuriera, bez słów dookoła.
search-try-whole = Podaj cały numer: po początku numeru tutaj nie szukamy.
search-try-new = Jeśli to coś nowego, odczekaj kilka minut: wiemy o tym dopiero, gdy powie o tym źródło.
search-try-source = Sprawdź, czy źródło jest połączone i używane.
search-no-mail = To wygląda na adres e-mail. O kupujących nic nie przechowujemy; poszukaj raczej zamówienia.
search-too-long = To za długie: najwyżej 200 znaków.
