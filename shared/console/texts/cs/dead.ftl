# Nedoručitelné exporty.

dead-lead = Tři pokusy se nezdařily, proto se nic dalšího nezkouší, dokud nerozhodne člověk. Odstraňte příčinu a pak export spusťte znovu: zkusí se od začátku. Nebo uveďte, že není potřeba.
dead-none = Žádné nejsou.
dead-none-fits = Neodpovídá žádný nedoručitelný export.
dead-groups = Co mají společného
dead-at-least = nejméně { $n }
dead-newest = Poslední
dead-oldest = První
dead-redrive = Spustit znovu
dead-redrive-these = Spustit tyto znovu
dead-redrive-count = Spustit znovu ({ $n })
dead-dismiss = Není potřeba
dead-list-them = Zobrazit je
dead-lower-bound = Nedoručitelných exportů je víc, než se tu spočítalo. Nové spuštění zahrne všechny, které odpovídají; předtím se spočítají.
dead-each = Jednotlivě
dead-tick = Vybrat: { $what }
dead-to = do cíle
dead-order = objednávka { $order }
dead-decide = Rozhodnout
dead-about-which = Kterých se to má týkat?
dead-ticked = Vybraných
dead-every = Všech nedoručitelných exportů
dead-every-fitting = Všech nedoručitelných exportů, které odpovídají podmínkám výše
dead-shown-first = Nejdřív uvidíte, čeho se to týká. Nic se nestane, dokud to nepotvrdíte.
