# Co upozornění říká vedle slov svého druhu. Každé na jednom řádku.
letter-why = Proč: { $said }
letter-wrong = Co se pokazilo: { $said }
letter-task = Co se mělo udělat: { $said }
letter-number = Číslo: { $said }
letter-order = Objednávka: { $said }
letter-end = Konec platnosti: { $said }
letter-export = Export: { $said }
letter-when = Kdy: { $said }
letter-to-do = Co dělat: { $said }
letter-delivered = Doručeno za posledních 24 hodin: { $said }
letter-group = { $label }: { $count }, nejstarší od { $oldest }
letter-group-at-least = { $label }: nejméně { $count }, nejstarší od { $oldest }
letter-waiting = Čeká: { $said }
letter-dead = Nedoručitelné: { $said }
letter-to-decide = Musí rozhodnout člověk: { $said }
letter-in-vain = Čekání vypršelo: { $said }
letter-paused = Pozastaveno: { $said }
