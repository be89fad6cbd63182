# Pravidla propojení.

rules-link = Jeho pravidla
rules-title = Pravidla propojení { $name }
rules-lead = Kdy a jak se co přenáší. Vše ostatní na propojení { $name } zůstane, jak je.
rules-saved = Pravidla jsou uložená. Co podle nich teď smí odejít, odejde samo.
rules-refused = Něco není v pořádku. Nic se neuložilo; u každého pole je napsáno, co s tím.
rules-effect = Co se dosud vynechalo, neodejde jen kvůli jiným pravidlům; najde to hromadný export.
rules-usual = Výchozí: { $usual }
rules-no-usual = zvolte prosím
rules-none = žádné
rules-all = vše
rules-every-order = každé číslo

rules-of-orders = Čí je objednávka
rules-order-pattern = Vzor čísel objednávek
    .explanation = Regulární výraz pro číslo objednávky. Je potřeba tam, kde by dva e-shopy nebo tržiště mohly mít stejné číslo.
rules-also-field = Pole s druhým číslem
    .explanation = Pole objednávky, ve kterém je číslo téhož prodeje jinde, jak je nazývá tento e-shop.
rules-also-channel = Kam to číslo patří
    .explanation = Druhý e-shop nebo tržiště. Vyplňte obojí, nebo nic.

rules-of-invoices = Faktury a dobropisy
rules-invoice-when = Faktura odejde
    .explanation = V jakém stavu musí být ve zdroji.
rules-when-issued = jakmile má číslo
rules-when-sent = jakmile byla odeslána kupujícímu
rules-when-in-payment = jakmile probíhá platba
rules-when-paid = jakmile je zaplacená
rules-when-never = nikdy
rules-has-one = Když už v cíli jedna je
    .explanation = Pro něco, o čem nevíme, že je to naše.
rules-has-one-adopt = považovat ji za doručenou, pokud se shoduje ve všem podstatném
rules-has-one-hold = počkat na člověka
rules-has-one-send-anyway = přesto odeslat
rules-without-lines = Celá faktura smí odejít bez položek
    .explanation = Jen pokud její položky neodpovídají objednávce a celkové částky se rovnají.
rules-by-payment = Podle platby
rules-by-payment-help = Způsob platby s vlastním pravidlem. Prázdné řádky neplatí; vyprázdněním se řádek odstraní.
rules-payment = Způsob platby objednávky

rules-of-parcels = Sledovací čísla
rules-number-when = Číslo se předá
    .explanation = Tam, kde to nemění stav objednávky.
rules-number-known = jakmile je známé
rules-number-shipped = spolu s potvrzením odeslání
rules-shipped-when = Odeslání se potvrdí
    .explanation = Tím se tam změní stav objednávky.
rules-shipped-handed-over = při prvním načtení u přepravní služby
rules-shipped-number-known = jakmile je známé číslo
rules-shipped-manual = jen na pokyn člověka

rules-of-buyers = Kupující
rules-notify = Cíl smí kupujícímu psát
    .explanation = Zda pošle vlastní e-mail o tom, co tam přeneseme.

rules-of-carrying = Co se přenáší
rules-series = Číselné řady
    .explanation = Každá na svém řádku. Přenášejí se jen doklady těchto řad.
rules-tags = Štítky dokladů
    .explanation = Každý na svém řádku. Doklad musí mít alespoň jeden z nich.
rules-source-pattern = Čísla objednávek
    .explanation = Regulární výraz. Přenáší se jen to, co uvádí takovou objednávku.
rules-of-nights = Hromadný export každou noc
rules-batch-at = Čas
    .explanation = Například 02:30.
rules-batch-never = vůbec ne
rules-batch-days = Kolik dní zpět
    .explanation = Od 1 do 90.
rules-batch-zone = Časové pásmo
    .explanation = Například Europe/Prague.

rules-preview = Ukázat, co by to udělalo s posledními 30 dny
rules-preview-title = Co by tato pravidla udělala s posledními 30 dny
rules-preview-lead = Zatím se nic neuložilo. Posuzuje se podle toho, co je uložené tady; žádného poskytovatele jsme se neptali.
rules-preview-more = Je toho víc, než jsme prošli.
rules-preview-none = Nic z toho, co šlo posoudit, by nedopadlo jinak.
rules-preview-from = Jak to dopadlo
rules-preview-to = Jak by to dopadlo
rules-preview-count = Kolik
rules-preview-examples = Například
rules-preview-goes = Odešlo by to
rules-preview-waits = Čekalo by to
rules-preview-left-out = Vynechalo by se to
rules-preview-number-told = Čeká to jako předtím, ale číslo by se předalo hned
rules-preview-number-waits = Čeká to jako předtím, ale číslo by se zatím nepředalo
rules-preview-gone = Co už odešlo, tak zůstane; u dalších to tak bude od teď.
rules-preview-never = Tato pravidla se neposuzují, protože záleží na tom, co je v cíli: { $rules }.
rules-preview-unchanged = { $n ->
    [one] { $n } export by dopadl stejně.
    [few] { $n } exporty by dopadly stejně.
    [many] { $n } exportu by dopadlo stejně.
   *[other] { $n } exportů by dopadlo stejně.
}
rules-preview-unjudged = { $n ->
    [0] Posoudit šlo všechno.
    [one] { $n } export nešlo posoudit: závisí na tom, co se neukládá, například zda už byl doklad zaplacený.
    [few] { $n } exporty nešlo posoudit: závisí na tom, co se neukládá, například zda už byl doklad zaplacený.
    [many] { $n } exportu nešlo posoudit: závisí na tom, co se neukládá, například zda už byl doklad zaplacený.
   *[other] { $n } exportů nešlo posoudit: závisí na tom, co se neukládá, například zda už byl doklad zaplacený.
}

rules-wrong-pattern = Toto není regulární výraz: zkontrolujte závorky.
rules-wrong-time = Uveďte čas, například 02:30; zdroj musí umět vypsat, co má.
rules-wrong-days = Uveďte číslo od 1 do 90.
rules-wrong-zone = Uveďte časové pásmo, například Europe/Prague nebo UTC.
rules-wrong-pair = Uveďte pole i to, kam jeho číslo patří, nebo nechte obojí prázdné.
rules-wrong-when = Zvolte jednu z možností: každá faktura tu vytvoří záznam, který mění objednávku, proto není žádná výchozí.
rules-wrong-value = Zvolte jednu z hodnot seznamu.
