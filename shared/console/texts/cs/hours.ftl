# První krok, důvody a hodiny na přehledu.

# Podle strftime; vždy UTC.
format-hour = %-d. %-m. %H:00 UTC

hours-first = První krok
hours-first-means = Zatím není nic propojené. Propojte nejdřív to, odkud přicházejí faktury nebo zásilky, a potom e-shop nebo tržiště, kam mají jít.
hours-first-do = Vytvořit první propojení
hours-why = Na co se čeká
hours-title = Posledních 24 hodin
hours-arrived = Přišlo
hours-delivered = Doručeno
hours-dead = Nově nedoručitelné
hours-said = Celkem { $total }, nejvýše { $most } za hodinu.
hours-as-table = Totéž jako tabulka
hours-hour = Hodina
hours-not-counted = tady se nepočítá
hours-queue-age = Nejdelší čekání ve frontě
hours-again = Tato stránka se sama obnovuje každých { $n } s.
hours-stay = Nechat ji, jak je
hours-go-on = Obnovovat ji samočinně
