# Zkouška jednoho dokladu nebo zásilky.

trial-title = Vyzkoušet nanečisto
trial-lead = Podívejte se krok za krokem, co by se za jeden doklad nebo zásilku odeslalo, dřív než se to stane.
trial-link = Zobrazit, co by se odeslalo
trial-source = Odkud to je
trial-any-source = Najít podle čísla
trial-number = Číslo
trial-number-hint = Číslo dokladu, sledovací číslo nebo číslo objednávky.
trial-target = Kam to půjde
trial-any-target = Kam patří jeho objednávka
trial-run = Vyzkoušet nanečisto
trial-harmless = Zdroj a cíl se jen čtou. Nic se neodešle a nic se nikam nezapíše.
trial-no-number = Uveďte číslo.
trial-not-there = { $source } pod tímto číslem nic nemá. Podívejte se tam, jak je číslo napsané, nebo zvolte, odkud to je.
trial-not-known = Nic z toho, co jsme zatím viděli, toto číslo nemá. Zvolte, odkud to je, a zeptáme se tam.
trial-which = Co z toho?
trial-candidate = { $number }, { $source }

trial-would-go = Takto by to odešlo.
trial-is-there = Nic by se neodeslalo: cíl už to má.
trial-would-not = Teď by to neodešlo. Kroky níže říkají proč a co s tím.
trial-nothing-sent = Nic se neodeslalo a nic se nezapsalo.
trial-send = Odeslat doopravdy
trial-send-hint = Znovu se přečte zdroj, a než se cokoli odešle, podíváme se ještě jednou do cíle.

trial-steps = Krok za krokem
trial-step-plan = Zjištění, kam to patří
trial-no-tracking = Zatím nemá sledovací číslo.
trial-order = K objednávce { $order }.
trial-no-order = Žádnou objednávku neuvádí.
trial-goes = { $what }, k objednávce { $order }.
trial-clear = Nic tomu nebrání.
trial-there = Už to tam je: { $number }.
trial-not-yet = Zatím tam nic z toho není.
trial-no-call = Není co odeslat.
trial-calls = { $n ->
    [one] { $n } požadavek by tam něco změnil.
    [few] { $n } požadavky by tam něco změnily.
    [many] { $n } požadavku by tam něco změnilo.
   *[other] { $n } požadavků by tam něco změnilo.
}

trial-compared = Co se předem porovnává
trial-compared-what = Co
trial-ours = V dokladu
trial-theirs = Porovnáno s
trial-fits = Výsledek
trial-currency = Měna, stejná jako u objednávky
trial-total = Celkem, nejvýš tolik co objednávka
trial-vat = Celkem, součet řádků DPH
trial-lines = Položky, každá je v objednávce
trial-pdf = Začátek souboru, jaký má PDF
trial-pdf-size = Velikost PDF, nejvýš
trial-file-name = Název souboru
trial-bytes = { $n ->
    [one] { $count } bajt
    [few] { $count } bajty
    [many] { $count } bajtu
   *[other] { $count } bajtů
}

trial-standing = Co má cíl k této objednávce
trial-standing-lead = Právě tam přečteno, ať to tam vložil kdokoli.
trial-at = Kde
trial-made = Vzniklo tam
trial-requests = Požadavky, které by odešly
trial-requests-lead = Přesně tak, jak by se odeslaly, a v tomto pořadí. Tajné klíče jsou zakryté hvězdičkami; u souboru vidíte název, velikost a otisk SHA-256.
trial-headers = Hlavičky
trial-body = Tělo

trial-sent-title = Je to na cestě
trial-sent-lead = Čeká to ve frontě a přenese se, jakmile na to přijde řada. Tato stránka vás sama povede dál.
trial-sent-see = Podívat se, co z toho bude
