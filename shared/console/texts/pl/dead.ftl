# Dead letters.

dead-lead = Trzy próby się nie powiodły, więc nie ma dalszych, dopóki nie zdecyduje człowiek. Usuń przyczynę, a potem ponów eksport: zacznie od nowa. Albo oznacz go jako niepotrzebny.
dead-none = Nie ma żadnych.
dead-none-fits = Nie pasuje żaden nieudany eksport.
dead-groups = Co je łączy
dead-at-least = co najmniej { $n }
dead-newest = Ostatni
dead-oldest = Pierwszy
dead-redrive = Ponów
dead-redrive-these = Ponów te
dead-redrive-count = Ponów ({ $n })
dead-dismiss = Niepotrzebny
dead-list-them = Pokaż je
dead-lower-bound = Nieudanych eksportów jest więcej, niż tu policzono. Ponowienie obejmie wszystkie, które pasują; najpierw zostaną policzone.
dead-each = Pojedynczo
dead-tick = Zaznacz: { $what }
dead-to = do systemu docelowego
dead-order = zamówienie { $order }
dead-decide = Podejmij decyzję
dead-about-which = Których ma to dotyczyć?
dead-ticked = Zaznaczonych
dead-every = Wszystkich nieudanych eksportów
dead-every-fitting = Wszystkich nieudanych eksportów, które spełniają powyższe warunki
dead-shown-first = Najpierw zobaczysz, czego to dotyczy. Nic się nie stanie, dopóki tego nie potwierdzisz.
