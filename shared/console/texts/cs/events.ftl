# Co přinesly webhooky.

events-title = Události: { $name }
events-lead = Co nám propojení ohlásilo svými webhooky, od nejnovějšího, a co z toho je podle současného stavu.
events-none-sent = Tento systém webhooky neposílá; na novinky se ho místo toho ptáme.
events-accepted = Přijaté
events-since = Prohledáno od
events-none = Zatím nebyla zpracována žádná událost.
events-caption = Přijaté události, od nejnovější
events-about = Čeho se týká
events-at = Přijato
events-became = Co z toho je
events-became-nothing = není o tom žádný záznam
events-again = Znovu
events-look-again = Podívat se znovu
events-not-shown = Není vidět: jak poskytovatel událost nazval a co v ní stálo, které z několika oznámení vedlo ke kterému exportu a co bylo přijato, ale ještě čeká ve frontě.
events-refused = Odmítnuté
events-refused-lead = Počítáno od spuštění programu. Z obsahu takového volání se nic neuchovává.
events-refused-none = Od spuštění programu nebylo odmítnuto žádné volání.
events-refused-elsewhere = Odmítnutá volání se tu nepočítají: každé má v logu řádek webhook.refused a uložený dotaz refused-webhooks je počítá podle propojení a důvodu.
events-reason = Důvod
events-advice = Co to znamená a co dělat
events-count = Kolikrát
events-last = Naposledy
