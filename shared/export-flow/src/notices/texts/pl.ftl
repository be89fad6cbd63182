# Co mówi powiadomienie oprócz słów swojego rodzaju. Każde w jednym wierszu.
letter-why = Dlaczego: { $said }
letter-wrong = Co się nie powiodło: { $said }
letter-task = Co miało zostać zrobione: { $said }
letter-number = Numer: { $said }
letter-order = Zamówienie: { $said }
letter-end = Koniec ważności: { $said }
letter-export = Eksport: { $said }
letter-when = Kiedy: { $said }
letter-to-do = Co zrobić: { $said }
letter-delivered = Dostarczone w ciągu ostatnich 24 godzin: { $said }
letter-group = { $label }: { $count }, najstarszy od { $oldest }
letter-group-at-least = { $label }: co najmniej { $count }, najstarszy od { $oldest }
letter-waiting = Czekają: { $said }
letter-dead = Nieudane eksporty: { $said }
letter-to-decide = Wymagają decyzji człowieka: { $said }
letter-in-vain = Czekały na próżno: { $said }
letter-paused = Wstrzymane: { $said }
