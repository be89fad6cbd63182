about = Tržiště, která běží na systému Mirakl, ze strany prodejce. Faktury a dobropisy se přenášejí jako soubory PDF k objednávce. Sledovací číslo jde k objednávce, jakmile je známé, a odeslání se potvrdí, až je zásilka předána k přepravě; části objednávky jdou jako samostatné dodávky tam, kde má tržiště multi-shipment.

field-api_key = API klíč
    .help = V administraci prodejce: nabídka vašeho uživatele, „API key“. Jeden pro každého uživatele a tržiště.
field-shop_id = ID obchodu
    .help = Jen pokud má váš uživatel více obchodů: číslo obchodu, který se má použít.
field-invoice_type_code = Typ dokladu pro faktury
    .help = Určuje ho tržiště; kontrola si načte seznam.
field-credit_note_type_code = Typ dokladu pro dobropisy
    .help = Určuje ho tržiště. Bez něj se žádný dobropis nepřenese.
field-carrier_free_text = Dopravci podle názvu
    .help = „false“, pokud tržiště přijímá jen dopravce z vlastního seznamu; ostatní pak čekají na přiřazení.

promise-send_invoice = PDF je u objednávky jen jednou. Hledáme ho podle názvu souboru a typu před každým nahráním i po něm; novější revize nahradí starší soubor.
promise-send_credit_note = Stejně jako u faktur, pod typem, který má tržiště pro dobropisy. Žádné peníze se nepohnou.
promise-send_tracking = Číslo se oznámí jednou a odeslání se potvrdí jednou, až když přečteme, co objednávka ukazuje; číslo, které není naše, nikdy nepřepíšeme.
