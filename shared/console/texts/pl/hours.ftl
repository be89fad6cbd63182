# Pierwszy krok, przyczyny i godziny na przeglądzie.

# Według strftime; zawsze UTC.
format-hour = %d.%m %H:00 UTC

hours-first = Pierwszy krok
hours-first-means = Nic nie jest jeszcze połączone. Najpierw połącz to, skąd przychodzą faktury lub paczki, a potem sklep lub marketplace, do którego mają trafić.
hours-first-do = Utwórz pierwsze połączenie
hours-why = Na co czeka
hours-title = Ostatnie 24 godziny
hours-arrived = Przyszło
hours-delivered = Dostarczono
hours-dead = Nowe nieudane
hours-said = Razem { $total }, najwyżej { $most } na godzinę.
hours-as-table = To samo jako tabela
hours-hour = Godzina
hours-not-counted = tutaj się tego nie liczy
hours-queue-age = Najdłuższe oczekiwanie w kolejce
hours-again = Ta strona odświeża się sama co { $n } s.
hours-stay = Zostaw ją bez odświeżania
hours-go-on = Odświeżaj ją samoczynnie
