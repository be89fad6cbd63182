# Připojení systému: výběr, formulář, stránka propojení, jeho konec.

connect-choose-title = Připojit systém
connect-choose-lead = Který systém chcete připojit? Každé propojení se nejdřív vyzkouší, teprve pak uloží.
connect-first = Zatím není nic připojeno. Začněte systémem, který vystavuje faktury, pak přidejte přepravní službu a nakonec e-shopy a tržiště.
connect-choose = Připojit
connect-there = { $n ->
    [one] Jedno už tu je.
    [few] Už jsou tu { $n }.
    [many] Už je jich tu { $n }.
   *[other] Už je jich tu { $n }.
}
connect-hears-webhook = O změnách nám dává vědět samo a navíc se ho na ně dotazujeme.
connect-hears-polled = Na změny se ho pravidelně dotazujeme.
connect-hears-told = Zásilky nám někdo ohlásí, nebo je najdeme podle čísel u objednávek.

connect-new-title = Připojit { $vendor }
connect-edit-title = Změnit { $label }
connect-required = povinné
connect-choose-one = Prosím vyberte
connect-vendor-page = Stránka poskytovatele o tom
connect-kept = Uloženo; prázdné pole hodnotu ponechá. Nastaveno:
connect-forget = Odstranit uloženou hodnotu

connect-names = Jak se jmenuje
connect-label = Název
connect-label-help = Jak se mu bude říkat na těchto stránkách.
connect-id = Krátký název
connect-id-help = 3 až 64 malých písmen bez diakritiky, číslic a spojovníků. Je součástí adres a později se nedá změnit.
connect-own = Přístup k systému { $vendor }
connect-base-url = Adresa
connect-base-url-help = Adresa, na které systém otevíráte v prohlížeči, s https:// a bez konkrétní stránky.
connect-base-url-fixed = Nahrazuje vlastní adresu poskytovatele. Jen pro zkoušení.

connect-switches = Co se tam přenáší
connect-guarantee = Ochrana před opakováním: { $guarantee }.
connect-when = Faktury se odesílají
connect-when-help = V jakém stavu musí být faktura ve zdroji.
connect-when-needed = Je potřeba, pokud se přenášejí faktury: každá tu vytvoří záznam, který mění objednávku.
connect-when-usual = jak je tu obvyklé: { $when }
connect-when-issued = jakmile mají číslo
connect-when-sent = až jsou odeslány kupujícímu
connect-when-in-payment = až probíhá platba
connect-when-paid = až jsou zaplaceny
connect-when-never = nikdy
connect-order-pattern = Čísla jeho objednávek
connect-order-pattern-help = Regulární výraz. Je potřeba, když mohou mít dva e-shopy nebo tržiště stejné číslo objednávky.

connect-more = Další nastavení
connect-usual = Bez zadání: { $usual }.
connect-since = Doklady od
connect-since-help = Jak daleko zpět se dotazujeme. Bez zadání: od okamžiku připojení.
connect-poll-every = Dotaz na změny každých
connect-poll-every-help = Doba jako 5m nebo 1h.
connect-parcels-every = Dotaz na každou zásilku každých
connect-event-delay = Čtení po události za
connect-event-delay-help = Jak dlouho počkat, než se zdroj přečte: doba jako 5s.
connect-order-field = Pole s číslem objednávky
connect-order-field-help = Jak ho nazývá poskytovatel.
connect-reference-pattern = Číslo objednávky v tomto poli
connect-reference-pattern-help = Regulární výraz. Číslo objednávky je to, co stojí v první dvojici závorek, jinak vše, co odpovídá.
connect-pace = Volání nejvýše
connect-pace-help = Například 400/60s, nebo off. Co říká poskytovatel, má přednost.
connect-pace-off = bez našeho omezení
connect-pace-calls = { $n ->
    [one] { $n } volání za { $time }
    [few] { $n } volání za { $time }
    [many] { $n } volání za { $time }
   *[other] { $n } volání za { $time }
}
connect-late-bound = Ztracené volání se ještě může projevit po dobu
connect-late-bound-help = Tak dlouho čekáme, než znovu odešleme, co je nejisté: doba jako 120s.
connect-expire-on = Tajné klíče končí
connect-expire-on-help = Pokud vám poskytovatel sdělil den. Upozorníme vás 14, 3 a 1 den předem.
connect-overlap = Staré klíče webhooku přijímáme ještě
connect-overlap-help = Po zadání nového: doba jako 24h.
connect-no-time = hned
connect-seconds = { $n } s
connect-minutes = { $n } min
connect-hours = { $n } h
connect-disable = Vypnuto
connect-disable-help = Nic se tam nečte a nic tam nejde, dokud to zase nezapnete.

connect-save = Zkontrolovat a uložit
connect-only-look = Tady se můžete jen dívat. Měnit smí správce.
connect-save-help = Nejdřív se to vyzkouší, což trvá nejvýš 20 sekund. Uloží se jen to, co funguje.
connect-save-anyway = Přesto uložit
connect-save-anyway-help = Tajné klíče se nikdy neukazují: zadejte je znovu. Co se uloží přesto, platí za nezkontrolované; nic neodejde, dokud se kontrola nezdaří.
connect-failed = { $vendor } se nepodařilo použít
connect-failed-new = Nic se neuložilo.
connect-failed-changed = Nic se nezměnilo: funguje to dál jako dosud.
connect-refused = Něco chybí nebo není správně
connect-refused-lead = Nic se neuložilo. U každého pole je napsáno, co s ním. Tajné klíče se nikdy neukazují: zadejte je znovu.
connect-made = Funguje to a používá se to
connect-made-unverified = Je to uložené, ale zatím to nefunguje
connect-changed = Změna je uložená
connect-changed-unverified = Změna je uložená, ale nefunguje to
connect-eligible = { $n ->
    [one] { $n } export byl dosud vynechaný, protože byl přepínač vypnutý. Sám od sebe neodejde.
    [few] { $n } exporty byly dosud vynechané, protože byl přepínač vypnutý. Samy od sebe neodejdou.
    [many] { $n } exportu bylo dosud vynecháno, protože byl přepínač vypnutý. Samo od sebe to neodejde.
   *[other] { $n } exportů bylo dosud vynecháno, protože byl přepínač vypnutý. Samy od sebe neodejdou.
}
connect-eligible-list = Které to jsou
connect-left-out = { $n ->
    [one] { $n } export, který tu čeká, se vynechá, až na něj přijde řada: přepínač je teď vypnutý.
    [few] { $n } exporty, které tu čekají, se vynechají, až na ně přijde řada: přepínač je teď vypnutý.
    [many] { $n } exportu, který tu čeká, se vynechá, až na něj přijde řada: přepínač je teď vypnutý.
   *[other] { $n } exportů, které tu čekají, se vynechá, až na ně přijde řada: přepínač je teď vypnutý.
}
connect-preview = Ukázat, co by přepínače změnily
connect-outlook = Co by přepínače změnily
connect-outlook-help = Zatím se nic neuložilo. Přepnutím samotným nic neodejde.
connect-outlook-none = Žádný přepínač se nemění.
connect-outlook-more = Je jich víc, než kolik se spočítalo.
connect-would-be-eligible = { $n ->
    [0] Kvůli přepínači, který by byl zapnutý, se nic nevynechalo.
    [one] { $n } export byl vynechaný kvůli přepínači, který by byl zapnutý. Našel by ho hromadný export.
    [few] { $n } exporty byly vynechané kvůli přepínači, který by byl zapnutý. Našel by je hromadný export.
    [many] { $n } exportu bylo vynecháno kvůli přepínači, který by byl zapnutý. Našel by je hromadný export.
   *[other] { $n } exportů bylo vynecháno kvůli přepínači, který by byl zapnutý. Našel by je hromadný export.
}
connect-would-be-skipped = { $n ->
    [0] Nečeká nic, co by se vynechalo.
    [one] { $n } čekající export by se vynechal, až by na něj přišla řada.
    [few] { $n } čekající exporty by se vynechaly, až by na ně přišla řada.
    [many] { $n } čekajícího exportu by se vynechalo, až by na něj přišla řada.
   *[other] { $n } čekajících exportů by se vynechalo, až by na ně přišla řada.
}
connect-needs = Ještě je potřeba:
connect-fetch = Načíst dosavadní doklady
connect-fetch-from = Načíst dosavadní doklady: { $name }
connect-fetch-help = Nejdřív se ukáže a spočítá, co tam je. Nic neodejde, dokud to nepotvrdíte.

connect-missing = Co ještě chybí
connect-lacks-connector = Tento program už takový konektor nemá.
connect-lacks-accounting = Zatím tu není propojení s účetnictvím, takže nejsou doklady k přenesení.
connect-lacks-courier = Zatím tu není propojení s přepravní službou, takže nejsou sledovací čísla k přenesení.
connect-lacks-channel = Zatím tu není e-shop ani tržiště, kam by se něco přenášelo.
connect-lacks-switch = Všechny přepínače jsou vypnuté, takže se tam nic nepřenáší.
connect-lacks-address = Poskytovatelé zatím nedosáhnou na tento program: spusťte ho s --public-url. Do té doby se změny zjišťují dotazováním.
connect-lacks-when = Zatím není zvoleno, kdy se faktury odesílají.
connect-add = Přidat
connect-switch-on = Něco zapnout

connect-last-success = Naposledy doručeno
connect-no-success = zatím nic
connect-edit = Změnit
connect-remove = Odstranit
connect-does = Co umí
connect-does-what = Co
connect-does-on = Zapnuto
connect-does-guarantee = Ochrana před opakováním
connect-cannot = Nepřenáší se tam:
connect-troubles = Co selhalo nebo čeká
connect-troubles-why = Proč
connect-troubles-count = Kolik
connect-troubles-last = Naposledy
connect-recent = Nejnovější exporty
connect-settings = Nastavení
connect-further = Další informace

connect-secrets = Tajné klíče
connect-expires = Platí do
connect-pending = Čekají nové:
connect-pending-help = Použijí se, jakmile se s nimi zdaří kontrola. Do té doby platí ty dosavadní.
connect-pending-tried = Naposledy vyzkoušeno
connect-withdraw = Vzít nové zpět
connect-former = { $name }: stará hodnota se ve webhoocích přijímá do
connect-former-token = Stará adresa webhooku se přijímá do
connect-renew = Vytvořit novou adresu webhooku
connect-renew-help = Stará adresa se ještě nějakou dobu přijímá, aby se nic neztratilo, než zadáte novou.
connect-exchange = Vyměnit tajné klíče
connect-exchange-help = Zadejte jen ty, které se mění. Nejdřív se vyzkoušejí; dosavadní platí, dokud nové nefungují.
connect-exchange-with = Co se mění spolu s nimi
connect-exchange-save = Zkontrolovat a vyměnit
connect-rotated-replaced = Nové klíče fungují a používají se.
connect-rotated-pending = Nové klíče zatím nefungují. Platí ty dosavadní.
connect-rotated-withdrawn = Nové klíče byly vzaty zpět.

connect-webhook = Webhook
connect-webhook-before = Jak se webhook zadává v systému { $vendor }
connect-webhook-once = Adresa obsahuje tajný klíč a ukáže se jen teď: zkopírujte si ji.
connect-webhook-hidden = Konec adresy je tajný a znovu se neukáže.
connect-webhook-events = Události:
connect-webhook-retries = Když neodpovíme, zkouší to poskytovatel znovu: { $how }.
connect-calls = Poslední přijatá volání
connect-no-calls = zatím žádné
connect-calls-since = Úplné od
connect-calls-refused = Odmítnuto od spuštění programu
connect-calls-times = { $n ->
    [one] jednou, naposledy
    [few] { $n }krát, naposledy
    [many] { $n }krát, naposledy
   *[other] { $n }krát, naposledy
}
connect-webhook-test = Vyzkoušet adresu
connect-webhook-proves = Zavoláme adresu odsud, bez podpisu poskytovatele, a podíváme se, kdo odpoví. To dokazuje, že adresa vede k tomuto programu a že program zná toto propojení. Nedokazuje to, že se k ní poskytovatel dostane, ani že souhlasí klíč, který je u něj zadaný: to dokáže až jeho první volání.
connect-webhook-ours = Odpovídá tam náš program. Zná toto propojení a odmítá, co poskytovatel nepodepsal.
connect-webhook-not-known = Odpovídá tam náš program, ale toto propojení nezná. Adresa možná patří jiné instalaci.
connect-webhook-unavailable = Odpovídá tam náš program, ale právě nemůže číst svá data. Zkuste to za minutu znovu.
connect-webhook-another = Odpovídá tam někdo jiný. Zkontrolujte veřejnou adresu a to, co stojí před tímto programem.
connect-webhook-private = Tato adresa je soukromá: žádný poskytovatel se k ní nedostane. Spusťte program s --public-url.
connect-webhook-nobody = Nikdo tam neodpovídá. Zkontrolujte veřejnou adresu, její certifikát a to, co stojí před tímto programem.

connect-remove-title = Odstranit { $label }
connect-remove-lead = Propojení, jeho nastavení a jeho tajné klíče se smažou. Nedá se to vrátit.
connect-remove-becomes = Co se stane s tím, co čeká
connect-remove-left-out = { $n ->
    [0] Nic tam nečeká.
    [one] { $n } čekající export se vynechá, až na něj přijde řada.
    [few] { $n } čekající exporty se vynechají, až na ně přijde řada.
    [many] { $n } čekajícího exportu se vynechá, až na něj přijde řada.
   *[other] { $n } čekajících exportů se vynechá, až na ně přijde řada.
}
connect-remove-to = Na cestě tam
connect-remove-from = Odtamtud
connect-remove-kept = Co bylo doručeno, zůstává doručené, nedoručitelné exporty zůstávají nedoručitelné a všechny záznamy se zachovají.
connect-remove-confirm = Pro potvrzení napište { $id }
connect-remove-mistyped = To není jeho krátký název. Nic se neodstranilo.
connect-removed = Propojení { $label } bylo odstraněno.

connect-id-unfit = Použijte 3 až 64 malých písmen bez diakritiky, číslic a spojovníků; slovo new je vyhrazené.
connect-id-taken = To už je obsazené: zvolte něco jiného.
