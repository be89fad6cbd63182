about = E-shopy na Magentu 2, Open Source i Adobe Commerce na vlastních serverech. Z faktury se u objednávky stane vlastní záznam faktury v Magentu: PDF se nepřenáší, protože ho Magento nepřijímá, a záznam dostane číslo od Magenta; naše číslo a odkaz na doklad jsou v komentáři. Peníze se nikdy nestrhávají. Z dobropisu se stane komentář u objednávky; se zapnutým přepínačem pro vrácení peněz také vlastní credit memo v Magentu, offline, takže se u poskytovatele plateb žádné peníze nepohnou. Ze zásilky se stane dodávka (shipment) se sledovacím číslem.

field-auth = Způsob podepisování volání
    .help = „oauth1“ funguje s každou integrací; „bearer“ jen tam, kde e-shop dovoluje samotný token integrace.
field-store_code = Kód obchodu
    .help = Nabídka Stores, All Stores: kód pohledu obchodu (store view) v adrese REST.
field-consumer_key = Consumer key
    .help = Nabídka System, Extensions, Integrations: vaše integrace. Je potřeba pro oauth1.
field-consumer_secret = Consumer secret
    .help = Vedle consumer key. Je potřeba pro oauth1.
field-access_token = Access token
    .help = Vedle consumer key, po aktivaci integrace.
field-access_token_secret = Access token secret
    .help = Vedle access tokenu. Je potřeba pro oauth1.
field-source_code = Skladový zdroj
    .help = Jen pokud e-shop vede zásoby ve více zdrojích: zdroj, ze kterého se dodávky odepisují.

promise-send_invoice = Objednávka dostane pro každý doklad jednu fakturu v Magentu. Poznáme ji podle našeho čísla v komentáři, který čteme před každým odesláním. PDF se nepřenáší, Magento svou fakturu čísluje samo a žádné peníze se nestrhávají.
promise-send_credit_note = Objednávka dostane pro každý dobropis jeden komentář s jeho číslem, částkou a odkazem. Podle nich ho poznáme; čteme ho před každým odesláním i po něm. Samo o sobě to nevytváří credit memo, nic nevrací na sklad a nehýbe penězi.
promise-refund_order = Objednávka dostane pro každý dobropis jedno offline credit memo. Poznáme ho podle čísla dobropisu v komentáři, který čteme před každým odesláním i po něm. Vzniká jen z položek, které jsou vyfakturované a peníze za ně ještě nebyly vrácené, a jen tam, kde vlastní součty Magenta dávají celkovou částku dobropisu na haléř přesně. U poskytovatele plateb se žádné peníze nepohnou a o vrácení na sklad se nežádá.
promise-send_tracking = Objednávka dostane pro každou zásilku jednu dodávku. Poznáme ji podle sledovacího čísla, které čteme před každým odesláním; kde už není co odeslat, přidá se číslo ke stávající dodávce.
