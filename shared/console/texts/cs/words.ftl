# Slovník, kterého se drží všechny české texty:
#
# invoice = faktura; proforma = proforma faktura; credit note = dobropis; document = doklad; line = položka;
# article number = kód zboží; order = objednávka; order reference = číslo objednávky; order pattern = vzor čísel
# objednávek; parcel = zásilka; shipment (záznam v cíli) = dodávka; tracking number = sledovací číslo; label = štítek;
# courier = přepravní služba; carrier = dopravce; delivery state = stav doručení; buyer = kupující;
# merchant = obchodník; vendor = poskytovatel; marketplace = tržiště; shop = e-shop; channel = kanál;
# source = zdroj (ve zdroji); target = cíl (v cíli); accounting = účetnictví.
#
# connection = propojení; spojení je jen síťové. connector = konektor; credentials = přihlašovací údaje;
# secret = tajný klíč; right = oprávnění; setting = nastavení; switch = přepínač; rule = pravidlo;
# mapping = přiřazení; counterpart = protějšek; check = kontrola; pause = pozastavení; outage = výpadek;
# host = server; log = log; deployment = instalace; poll = dotazování; job = úloha; note = poznámka.
#
# export = export; batch export = hromadný export; attempt = pokus; to be held = čekat; left out = vynecháno;
# not needed = není potřeba; not certain = nejisté; retry = zkusit znovu; redrive = spustit znovu;
# dead letter = nedoručitelný export (stránka Nedoručitelné); receipt = potvrzení o doručení; finding = zjištění;
# seen = zkontrolované; notice = upozornění; topic = téma; deviation = odchylka; refund = vrácení peněz.
#
# viewer = pozorovatel; operator = operátor; audit trail = záznam změn; to exchange secrets = vyměnit tajné klíče.
#
# Rozhodnutí člověka: „Zkusit hned“, „Spustit znovu“, „Dorazilo to“, „Odeslat“, „Odeslat bez položek“,
# „Patří k této objednávce nebo e-shopu“, „Není to potřeba“.
#
# „Nothing.“ se vždy překládá „Nic.“: podle toho ho stránky poznají a skryjí.

## Stavy exportu

state-sending = Probíhá
    .explanation = Právě se přenáší.
    .next = Nic.
state-accepted = Převzato, zatím nerozhodnuto
    .explanation = Cíl to převzal a rozhodne později.
    .next = Nic; na odpověď se zeptáme sami.
state-delivered = Doručeno
    .explanation = Cíl to má; důkaz je v potvrzení o doručení.
    .next = Nic.
state-retrying = Zkusí se znovu
    .explanation = Pokus se nezdařil; další už je naplánovaný.
    .next = Zatím nic; podívejte se na poslední chybu.
state-held = Čeká
    .explanation = Na něco čeká; čekání nestojí žádný pokus.
    .next = Podívejte se, na co čeká.
state-expired = Čekání vypršelo
    .explanation = To, na co export čekal, nepřišlo včas.
    .next = Pokud je stále potřeba, zkuste ho znovu; jinak uveďte, že není potřeba.
state-uncertain = Nejisté
    .explanation = Možná to dorazilo, možná ne, a cíle se zeptat nelze.
    .next = Podívejte se do cíle a uveďte, zda to dorazilo.
state-dead = Nedoručitelné
    .explanation = Tři pokusy se nezdařily.
    .next = Odstraňte příčinu a spusťte export znovu; nebo uveďte, že není potřeba.
state-skipped = Vynecháno
    .explanation = Nemá se odesílat.
    .next = Nic, pokud není důvod chybný.
state-planned = Naplánováno
    .explanation = Pro každý cíl z toho vznikl jeden export.
    .next = Podívejte se na tyto exporty.

## Důvody čekání

hold-order_unknown = Objednávka zatím není známá
    .explanation = Žádný kanál tuto objednávku zatím nezná.
    .next = Nic, pokud má objednávka teprve přijít; jinak opravte číslo objednávky ve zdroji, nebo objednávku určete.
hold-order_ambiguous = Objednávku zná více kanálů
    .explanation = Objednávku s tímto číslem má více než jeden kanál.
    .next = Uveďte, která to je, nebo kanálům nastavte vzory čísel objednávek.
hold-order_mismatch = Nesedí s objednávkou
    .explanation = Měna nebo celková částka dokladu neodpovídá objednávce.
    .next = Porovnejte obojí a opravte doklad ve zdroji.
hold-predecessor = Něco jiného musí dorazit dřív
    .explanation = Nejdřív musí dorazit jiný doklad, zásilka nebo volání této objednávky.
    .next = Nic, pokračuje to samo.
hold-document_not_ready = Doklad ještě není hotový
    .explanation = Zdroj ještě nedokončil doklad nebo jeho PDF.
    .next = Nic, brzy se načte znovu.
hold-not_paid_yet = Zatím nezaplaceno
    .explanation = Na zaplacení čeká pravidlo cíle, nebo cíl sám.
    .next = Nic, odejde to, až bude zaplacení známé.
hold-not_handed_over = Zatím nepředáno k přepravě
    .explanation = Přepravní služba zásilku ještě nenaskenovala.
    .next = Nic, odejde to při prvním naskenování.
hold-number_missing = Zatím bez sledovacího čísla
    .explanation = Zásilka ještě nemá sledovací číslo.
    .next = Nic, odejde to, až bude číslo známé.
hold-mapping_missing = V cíli chybí protějšek
    .explanation = Některá hodnota ze zdroje nemá v cíli protějšek.
    .next = Doplňte ji do přiřazení cíle; co čeká, odejde samo.
hold-lines_unmatched = Položky nesedí
    .explanation = Položky dokladu neodpovídají položkám objednávky.
    .next = Opravte kódy zboží, nebo doklad odešlete bez položek.
hold-preflight = Cíl by to odmítl
    .explanation = Předem víme, že to cíl musí odmítnout.
    .next = Přečtěte si podrobnosti a opravte to ve zdroji.
hold-target_has_other = V cíli už něco je
    .explanation = Cíl už takový záznam má a nevíme, že by byl náš.
    .next = Podívejte se do cíle; uveďte, že to dorazilo, odešlete to znovu, nebo to nechte být.
hold-rate_limited = Poskytovatel žádá, abychom počkali
    .explanation = Příliš mnoho volání; poskytovatel určil, kdy pokračovat.
    .next = Nic, pokračuje to samo.
hold-connection_paused = Propojení je pozastavené
    .explanation = Propojení je pozastavené, proto se nic nezkouší.
    .next = Podívejte se na propojení.
hold-settling = Dřívější volání se ještě může projevit
    .explanation = Volání skončilo bez odpovědi; než něco odešleme znovu, podíváme se do cíle.
    .next = Nic, pokračuje to samo.

## Důvody vynechání

skip-not_ours = Nepochází z žádného kanálu
    .explanation = Nepatří k žádnému vašemu e-shopu ani tržišti. V běžném účetnictví je takových dokladů mnoho.
    .next = Nic, pokud není číslo objednávky ve zdroji chybné.
skip-switched_off = Vypnuto
    .explanation = Přepínač pro toto je u cíle vypnutý.
    .next = Zapněte ho a spusťte hromadný export.
skip-unsupported = Tam to není možné
    .explanation = Cíl pro to nemá místo.
    .next = Nic; co cíl přijímá, uvádí stránka konektoru.
skip-rule_never = Pravidlo říká nikdy
    .explanation = Podle pravidla cíle se toto neodesílá.
    .next = Pokud se to odesílat má, změňte pravidlo a spusťte hromadný export.
skip-marketplace_invoices = Fakturuje tržiště
    .explanation = Tuto fakturu vystavuje tržiště samo.
    .next = Nic.
skip-document_gone = Ve zdroji už není
    .explanation = Zdroj už to nemá.
    .next = Nic, pokud to nebylo odstraněno omylem.
skip-document_cancelled = Stornováno ve zdroji
    .explanation = Stornováno ve zdroji dřív, než to odešlo.
    .next = Nic.
skip-order_cancelled = Objednávka zrušena
    .explanation = Objednávka byla v cíli zrušena.
    .next = Nic, pokud nebyla zrušena omylem.
skip-dismissed = Není potřeba
    .explanation = Někdo uvedl, že to není potřeba.
    .next = Pokud to přece jen potřeba je, odešlete to ručně.

## Operace

operation-look = Zjištění, kam to patří
    .explanation = Přečte zdroj a najde kanál objednávky.
operation-send_invoice = Faktura
    .explanation = Přenese fakturu do kanálu.
operation-send_credit_note = Dobropis
    .explanation = Přenese dobropis do kanálu.
operation-send_tracking = Sledovací číslo
    .explanation = Přenese sledovací číslo a oznámí, že zásilka odešla.
operation-send_delivery_state = Stav doručení
    .explanation = Sdělí kanálu, kde zásilka je.
operation-cancel_order = Zrušení objednávky
    .explanation = Zruší objednávku v cíli.
operation-refund_order = Vrácení peněz
    .explanation = Zaznamená dobropis v kanálu jako vrácení peněz.
operation-acknowledge_order = Potvrzení objednávky
    .explanation = Potvrdí objednávku v jejím kanálu.
operation-import_order = Objednávka
    .explanation = Přenese objednávku do jiného systému.
operation-issue_invoice = Vystavení faktury
    .explanation = Nechá účetnictví vystavit fakturu.
operation-issue_proforma = Vystavení proforma faktury
    .explanation = Nechá účetnictví vystavit proforma fakturu.
operation-issue_credit_note = Vystavení dobropisu
    .explanation = Nechá účetnictví vystavit dobropis.

## Záruky

guarantee-K = Cíl pozná opakování
    .explanation = Odešleme to znovu se stejným klíčem a cíl to provede jen jednou.
guarantee-N = Cíl druhý záznam odmítne
    .explanation = Odešleme to znovu; cíl duplicitu odmítne a my porovnáme záznam, který už má.
guarantee-R = Než odešleme znovu, podíváme se do cíle
    .explanation = Před každým odesláním si přečteme, co cíl má; na to, co se ještě může projevit, počkáme.
guarantee-U = V pochybnostech rozhoduje člověk
    .explanation = Cíle se zeptat nelze. V pochybnostech nikdy neodesíláme znovu sami od sebe.

## Kroky

step-look = Čtení zdroje
    .explanation = Čte se zdroj a hledá se objednávka.
step-preflight = Ověření předem
    .explanation = Ověřuje se, co musí platit, než se cokoli odešle.
step-read_back = Pohled do cíle
    .explanation = Cíle se ptáme, co už má.
step-send = Odeslání
    .explanation = Volání, které v cíli provede změnu.
step-confirm = Potvrzení
    .explanation = Po odeslání se cíle ptáme, zda to má.

## Role

role-accounting = Účetnictví
    .explanation = Vystavuje faktury a dobropisy.
role-courier = Přepravní služba
    .explanation = Přepravuje zásilky a přiděluje sledovací čísla.
role-channel = E-shop nebo tržiště
    .explanation = Přicházejí odtud objednávky.

## Stavy propojení

connection_state-unverified = Zatím nezkontrolováno
    .explanation = S nynějším nastavením ještě žádná kontrola neproběhla úspěšně, proto nic neodchází.
    .next = Spusťte kontrolu.
connection_state-active = V provozu
    .explanation = Propojení funguje a používá se.
    .next = Nic.
connection_state-paused = Pozastaveno
    .explanation = Dokud pozastavení neskončí, nic se tam nezkouší; co čeká, se neztratí.
    .next = Podívejte se na důvod pozastavení.
connection_state-disabled = Vypnuto
    .explanation = Někdo ho vypnul.
    .next = Pokud je zase potřeba, zapněte ho.

## Důvody pozastavení

pause-outage = Druhá strana je nedostupná
    .explanation = Několik volání po sobě zůstalo bez odezvy.
    .next = Nic: zkouší se to samo a pokračuje, jakmile se druhá strana ozve.
pause-credentials = Odmítá naše přihlašovací údaje
    .explanation = Poskytovatel nepřijímá naše přihlašovací údaje, nebo chybí oprávnění.
    .next = Zadejte nové přihlašovací údaje nebo udělte oprávnění a spusťte kontrolu.
pause-by_hand = Pozastaveno ručně
    .explanation = Někdo ho pozastavil.
    .next = Až bude možné pokračovat, obnovte ho.

## Přepínače

switch-send_invoice = Přijímá faktury
    .explanation = Přenášejí se sem faktury.
switch-send_credit_note = Přijímá dobropisy
    .explanation = Přenášejí se sem dobropisy.
switch-send_tracking = Přijímá sledovací čísla
    .explanation = Přenášejí se sem sledovací čísla.
switch-send_delivery_state = Dostává stavy doručení
    .explanation = Sděluje se sem, kde zásilky jsou.
switch-send_cancellation = Přijímá zrušení objednávek
    .explanation = Přenášejí se sem zrušení objednávek.
switch-send_refund = Přijímá vrácení peněz
    .explanation = Dobropisy se tu zaznamenávají jako vrácení peněz k objednávce.
switch-acknowledge_order = Objednávky se potvrzují
    .explanation = Objednávky odtud se potvrzují.
switch-issue_documents = Vystavuje doklady
    .explanation = Dostává žádosti o vystavení dokladů.

## Stavy objednávky

order_state-pending = Zatím nepotvrzená
    .explanation = Čeká na přijetí, zaplacení nebo prověření.
order_state-open = Otevřená
    .explanation = Lze ji fakturovat a odeslat.
order_state-shipped = Odeslaná
    .explanation = Je odeslaná, alespoň zčásti.
order_state-closed = Uzavřená
    .explanation = Už není co dělat.
order_state-cancelled = Zrušená
    .explanation = Nikdy nebude vyřízena.

## Stavy doručení

delivery_state-label_created = Štítek vytvořen
    .explanation = Štítek existuje, ale přepravní služba zásilku ještě nemá.
delivery_state-in_transit = Na cestě
    .explanation = Zásilku má přepravní služba.
delivery_state-out_for_delivery = Doručuje se
    .explanation = Je na posledním úseku cesty, nebo čeká na vyzvednutí.
delivery_state-delivered = U kupujícího
    .explanation = Zásilku má kupující.
delivery_state-delivery_failed = Nepodařilo se doručit
    .explanation = Pokus o doručení se nezdařil.
delivery_state-returned = Vrácena
    .explanation = Zásilka se vrátila.
delivery_state-cancelled = Zrušena
    .explanation = Nikdy nepojede.
delivery_state-unknown = Není známo
    .explanation = Přepravní služba uvedla stav, který žádná tabulka nezná.

## Co se přenáší

subject-invoice = Faktura
    .explanation = Faktura.
subject-proforma = Proforma faktura
    .explanation = Výzva k platbě; není to daňový doklad.
subject-credit_note = Dobropis
    .explanation = Opravuje fakturu.
subject-parcel = Zásilka
    .explanation = Zásilka.
subject-order = Objednávka
    .explanation = Objednávka.
subject-document = Doklad
    .explanation = Doklad, který jsme ještě nepřečetli.

## Upozornění

notice-connection_paused = Propojení se pozastavilo
    .explanation = Dokud pozastavení neskončí, nic se tam neodesílá; co má odejít, čeká.
    .next = Otevřete propojení: uvádí, co dělat.
notice-uncertain = Musí rozhodnout člověk
    .explanation = Možná to dorazilo, možná ne, a cíle se zeptat nelze.
    .next = Podívejte se do cíle a uveďte, zda to dorazilo.
notice-dead_letter = Nedoručitelný export
    .explanation = Tři pokusy se nezdařily. Další exporty, které během dne skončí stejně, se už neohlašují jednotlivě.
    .next = Odstraňte příčinu a spusťte export znovu; nebo uveďte, že není potřeba.
notice-webhook = Webhooky nepřicházejí
    .explanation = Změny v tomto zdroji zjišťujeme jen dotazováním: nic se neztratí, ale odchází to později.
    .next = Podívejte se na webhook u poskytovatele: na adresu, tajný klíč a na to, zda je zapnutý.
notice-credentials_expiring = Přihlašovacím údajům brzy skončí platnost
    .explanation = Po tomto dni je poskytovatel odmítne; propojení se pak pozastaví a co má odejít, bude čekat.
    .next = Vytvořte u poskytovatele nové a zadejte je; dosavadní se používají, dokud s novými neproběhne úspěšná kontrola.
notice-digest = Den v číslech
    .explanation = Jak to vypadá, jednou denně.
    .next = Nic.
notice-test = Zkouška
    .explanation = Někdo vyzkoušel cestu, kterou upozornění odcházejí.
    .next = Nic.

## Cesty upozornění

notice_way-webhook = Webhook
    .explanation = Podepsané volání na vaši adresu.
notice_way-email = E-mail
    .explanation = E-mail na každou ze zadaných adres.
notice_way-topic = Téma
    .explanation = Zpráva do tématu pro upozornění, které patří k instalaci.

## Ohlášené zásilky

shipment-accepted = Převzato
    .explanation = Na zásilku se teď podíváme a budeme ji sledovat až do konce.
shipment-known = Už je známá
    .explanation = Zásilku s touto objednávkou už známe; nic se neudělá dvakrát.
shipment-refused = Nepřevzato
    .explanation = Řádek nelze použít. Ostatních řádků se to netýká.
    .next = Opravte ho a ohlaste znovu.

## Přiřazení

mapping-carriers = Dopravce
    .explanation = Dopravce přepravní služby tak, jak ho nazývá cíl.
mapping-payments = Platba
    .explanation = Způsob platby objednávky nebo dokladu tak, jak ho nazývají pravidla tohoto cíle.
mapping-deliveries = Doprava
    .explanation = Způsob dopravy. Zatím ho nic nepoužívá: objednávky svůj způsob dopravy neuvádějí.
mapping-document_types = Typ dokladu
    .explanation = Druh dokladu jako vlastní typ cíle.

## Podobnosti

likeness-same_name = stejný název
    .explanation = Stejný až na velikost písmen, diakritiku a interpunkci.
likeness-other_country = stejný název až na zemi
    .explanation = Stejný až na název země.
likeness-other_name = jiný název téhož dopravce
    .explanation = Dva názvy, pod kterými vystupuje jeden dopravce.
likeness-contains = jeden název je součástí druhého
    .explanation = Každé slovo jednoho názvu je i v druhém.
likeness-shared_word = společné slovo
    .explanation = Názvy mají společné slovo.

## Role uživatelů

access_role-viewer = Pozorovatel
    .explanation = Smí vše prohlížet a vyzkoušet si, co by se odeslalo; nic nemění.
access_role-operator = Operátor
    .explanation = Smí vše měnit.

## Záznam změn: co se dělalo

audit_action-put_connection = Změna propojení
    .explanation = Propojení bylo vytvořeno nebo nahrazeno.
audit_action-delete_connection = Odstranění propojení
    .explanation = Propojení bylo odstraněno.
audit_action-check_connection = Kontrola propojení
    .explanation = Propojení bylo zkontrolováno a podle toho se určil jeho stav.
audit_action-pause_connection = Pozastavení propojení
    .explanation = Propojení bylo ručně pozastaveno.
audit_action-resume_connection = Obnovení propojení
    .explanation = Pozastavení propojení bylo ukončeno.
audit_action-rotate_secrets = Výměna tajných klíčů
    .explanation = Tajné klíče propojení byly vyměněny.
audit_action-connect_at_vendor = Propojení u poskytovatele
    .explanation = Někdo byl poslán k poskytovateli, aby tam propojení povolil, nebo se odtamtud vrátil.
audit_action-save_mappings = Změna přiřazení
    .explanation = Přiřazení propojení se změnila.
audit_action-carry_by_hand = Ruční přenesení
    .explanation = Někdo požádal o přenesení dokladu nebo zásilky.
audit_action-retry = Nový pokus
    .explanation = Další pokus byl naplánován hned.
audit_action-resolve = Rozhodnutí
    .explanation = O exportu bylo rozhodnuto.
audit_action-seen = Označení jako zkontrolované
    .explanation = Zjištění bylo označeno jako zkontrolované.
audit_action-redrive = Nové spuštění
    .explanation = Nedoručitelné exporty byly spuštěny znovu.
audit_action-dismiss = Není potřeba
    .explanation = Někdo uvedl, že nedoručitelné exporty nejsou potřeba.
audit_action-batch_export = Hromadný export
    .explanation = Byl zahájen hromadný export.
audit_action-preview = Náhled
    .explanation = Práce s mnoha věcmi se spočítala a ukázala, než se provede.
audit_action-confirm_job = Potvrzení náhledu
    .explanation = Provedlo se, co ukázal náhled.
audit_action-cancel_job = Ukončení úlohy
    .explanation = Úloha byla ukončena.
audit_action-tell_shipments = Ohlášení zásilek
    .explanation = Byly ohlášeny zásilky.
audit_action-name_aliases = Změna dalších čísel objednávky
    .explanation = Změnilo se, pod jakými dalšími čísly je objednávka známá.
audit_action-put_notices = Změna upozornění
    .explanation = Změnilo se, komu se co oznamuje.
audit_action-test_notices = Zkušební upozornění
    .explanation = Bylo odesláno zkušební upozornění.
audit_action-make_link = Vytvoření přihlašovacího odkazu
    .explanation = Byl vytvořen odkaz, který otevírá stránky.
audit_action-log_in = Přihlášení
    .explanation = Stránky byly otevřeny.
audit_action-other = Změna
    .explanation = Změnilo se něco, co tu nemá název; podrobnosti uvádějí, kterým voláním.

## Záznam změn: čeho se týkají

audit_about-connection = Propojení
    .explanation = Propojení.
audit_about-export = Export
    .explanation = Export.
audit_about-job = Úloha
    .explanation = Úloha.
audit_about-order = Objednávka
    .explanation = Objednávka.
audit_about-notices = Upozornění
    .explanation = Nastavení upozornění.

## Záznam změn: jak dopadly

audit_outcome-asked = Vyžádáno
    .explanation = Bylo to vyžádáno. Zda se to provedlo, není známo: program mezitím skončil, nebo výsledek nešlo zapsat.
    .next = Podívejte se přímo na danou věc, zda se to provedlo.
audit_outcome-done = Provedeno
    .explanation = Bylo to provedeno.
audit_outcome-refused = Odmítnuto
    .explanation = Bylo to odmítnuto a nic se neprovedlo.
audit_outcome-failed = Nezdařilo se
    .explanation = Nezdařilo se to; něco z toho se mohlo provést.
    .next = Podívejte se přímo na danou věc; zopakovat to můžete bez obav.

## Odchylky

deviation-not_exported = Nikdo nám o tom neřekl
    .explanation = O tomto dokladu nebo zásilce jsme se nikdy nedozvěděli: webhook nepřišel a při žádném dotazování se neobjevily.
    .next = Nechte to teď přenést; pak zjistěte, proč se to neohlásilo: podívejte se na adresu webhooku a na dotazování zdroje.
deviation-missing_at_target = Vynecháno, ale teď je to potřeba
    .explanation = Vynechalo se to kvůli nastavení, které se mezitím změnilo, a v cíli to není.
    .next = Nechte to teď přenést, nebo spusťte hromadný export všech dokladů tohoto druhu.
deviation-lost_at_target = Už tam není
    .explanation = Bylo to prokazatelně doručeno, ale teď to v cíli není.
    .next = Zjistěte v cíli, kdo to odstranil. Nová verze ve zdroji se přenese znovu.
deviation-still_waiting = Zatím nedoručeno
    .explanation = Export ještě čeká, právě se zkouší, nebo skončil bez doručení.
    .next = Otevřete export: uvádí, na co čeká a co se s tím dá dělat.
deviation-wrong_order = U nesprávné objednávky
    .explanation = V cíli je to u jiné objednávky, než uvádí zdroj.
    .next = Opravte číslo objednávky ve zdroji, nebo to odstraňte v cíli, podle toho, kde je chyba.
deviation-number_differs = Jiné číslo
    .explanation = Co bylo doručeno, tam je, ale ne pod číslem, které má zdroj.
    .next = Zjistěte, kdo číslo změnil, a opravte ho tam, kde je chybné.
deviation-total_differs = Jiná celková částka
    .explanation = Zdroj a cíl mají různé celkové částky.
    .next = Porovnejte oba doklady a opravte ten chybný; možná bude potřeba dobropis.
deviation-currency_differs = Jiná měna
    .explanation = Zdroj a cíl mají různé měny.
    .next = Opravte doklad ve zdroji.
deviation-date_differs = Jiné datum
    .explanation = V cíli to vzniklo před datem samotného dokladu, nebo dlouho po tom, co jsme to doručili.
    .next = Podívejte se, zda to tam nespadá do jiného období a zda jde o tutéž věc.
deviation-lines_differ = Jiná množství
    .explanation = Množství v cíli neodpovídají položkám dokladu.
    .next = Porovnejte položky na obou stranách a opravte tu chybnou.
deviation-file_differs = Jiný soubor
    .explanation = Soubor v cíli má jinou velikost než ten, který byl doručen.
    .next = Zjistěte, kdo ho nahradil. Nová verze ve zdroji se přenese znovu.
deviation-duplicate_at_target = Je tam dvakrát
    .explanation = Cíl má pro tentýž doklad nebo tutéž zásilku víc než jeden záznam.
    .next = Odstraňte v cíli ten přebytečný.
deviation-unknown_at_source = Žádný zdroj to nemá
    .explanation = V cíli je to pod číslem, které žádný zdroj nezná.
    .next = Zjistěte, odkud to přišlo: z jiného programu, nebo z dokladu, který byl ve zdroji smazán.
deviation-gone_at_source = Ve zdroji už není
    .explanation = Bylo to doručeno a v cíli to stále je, ale zdroj už to nemá.
    .next = Obnovte to ve zdroji, nebo to odstraňte v cíli.
deviation-cancelled_at_source = Stornováno ve zdroji
    .explanation = Ve zdroji je to stornované, ale v cíli to stále je.
    .next = Odstraňte to v cíli, nebo vystavte dobropis.
deviation-credit_note_without_invoice = Dobropis bez své faktury
    .explanation = Dobropis v cíli je, ale faktura, kterou opravuje, ne.
    .next = Nechte přenést fakturu, nebo dobropis odstraňte.
deviation-parcel_missing = Chybí sledovací číslo
    .explanation = Zásilka byla cíli oznámena, ale žádné její číslo tam teď není.
    .next = Podívejte se na objednávku; kupující u ní nevidí žádné sledovací číslo.
deviation-parcel_number_differs = Jiné sledovací číslo
    .explanation = Zásilka byla cíli oznámena, ale na jejím místě je teď jiné číslo.
    .next = Zjistěte, kdo ho změnil, a opravte ho v cíli nebo u přepravní služby.
deviation-parcel_extra = Sledovací číslo navíc
    .explanation = U objednávky je sledovací číslo, které nepatří k žádné její známé zásilce.
    .next = Zjistěte, o jakou zásilku jde: může být od jiné přepravní služby, nebo je to chyba.

## Chyby volání

problem-unknown_connection = Neznámé propojení
    .explanation = Propojení s tímto identifikátorem a rolí neexistuje.
    .next = Správný identifikátor najdete v seznamu propojení.
problem-unknown_export = Neznámý export
    .explanation = Export s tímto identifikátorem neexistuje.
    .next = Hledejte podle objednávky, dokladu nebo sledovacího čísla.
problem-unknown_order = Neznámá objednávka
    .explanation = O této objednávce v tomto kanálu nic nevíme.
    .next = Zkontrolujte číslo objednávky a kanál.
problem-unknown_job = Neznámá úloha
    .explanation = Úloha s tímto identifikátorem neexistuje.
    .next = Spusťte úlohu znovu; spustit ji dvakrát nevadí.
problem-unknown_code = Neznámý kód
    .explanation = Žádný kód ani důvod se takto nejmenuje.
    .next = Podívejte se do seznamu kódů.
problem-unknown_connector = Neznámý konektor
    .explanation = Žádný konektor se takto nejmenuje, nebo nemá tuto roli.
    .next = Vyberte některý ze seznamu konektorů.
problem-unknown_path = Tady nic není
    .explanation = Tato adresa nikam nevede.
    .next = Jaká volání existují, najdete v popisu API.
problem-method_not_allowed = Metoda není povolena
    .explanation = Tato adresa tuto metodu nepřijímá.
    .next = Které metody přijímá, najdete v popisu API.
problem-invalid_field = Některé pole je chybné
    .explanation = Některé pole chybí, není známé, nebo má hodnotu, kterou nelze použít.
    .next = Opravte uvedená pole a odešlete to znovu.
problem-invalid_json = Nečitelné
    .explanation = Tělo požadavku není JSON, který toto volání přijímá.
    .next = Opravte ho; místo uvádějí podrobnosti.
problem-invalid_body = Nečitelné
    .explanation = Požadavek je pravý, ale jeho tělo nelze přečíst.
    .next = Ať ho odesílatel pošle znovu; pokud to potrvá, napište nám konektor a čas.
problem-too_large = Příliš velké
    .explanation = Tělo požadavku je větší, než je dovoleno.
    .next = Pošlete menší požadavek.
problem-unauthenticated = Neověřeno
    .explanation = Token, podpis nebo přihlášení chybí, nebo je chybné.
    .next = Zkontrolujte token, nebo tajný klíč webhooku na obou stranách.
problem-forbidden = Není dovoleno
    .explanation = Kdo o to žádá, smí vše prohlížet, ale nic měnit, nebo formulář přišel bez tokenu své stránky.
    .next = Požádejte operátora, aby to udělal, nebo aby vám tuto roli přidělil; pokud ji už máte, načtěte stránku znovu a zopakujte to.
problem-host_refused = Adresa serveru odmítnuta
    .explanation = Hlavička Host uvádí název, na který tento server neodpovídá.
    .next = Použijte jeho veřejnou adresu, nebo tu, kterou server vypíše při spuštění.
problem-no_tenant = Není určen obchodník
    .explanation = Přihlášení je v pořádku, ale neuvádí obchodníka, jehož data by se dala zobrazit.
    .next = Požádejte správce uživatelů, aby vám nastavil údaj o obchodníkovi (tenant claim), a přihlaste se znovu.
problem-login_failed = Přihlášení se nezdařilo
    .explanation = Přihlášení nešlo dokončit: trvalo příliš dlouho, pokračovalo v jiném prohlížeči, nebo neseděla odpověď poskytovatele identity.
    .next = Přihlaste se ještě jednou; pokud to potrvá, důvod najdete v logu.
problem-issuer_unavailable = Poskytovatel identity není dostupný
    .explanation = Poskytovatele identity se nepodařilo zastihnout, nebo jeho odpověď nešlo použít.
    .next = Zkuste to za chvíli znovu; pokud to potrvá, zkontrolujte nastaveného vydavatele (issuer) a client ID.
problem-conflict = Teď to nejde
    .explanation = Nynější stav to nedovoluje.
    .next = Podívejte se na nynější stav a rozhodněte se znovu.
problem-empty_filter = Filtr je prázdný
    .explanation = Prázdný filtr by znamenal všechno.
    .next = Zadejte filtr, nebo uveďte {"{"}"all":true{"}"}.
problem-in_use = Datový adresář se už používá
    .explanation = S tímto datovým adresářem pracuje jiný proces.
    .next = Zastavte ten druhý proces, nebo zvolte jiný adresář.
problem-store_unavailable = Úložiště nebo fronta nejsou dostupné
    .explanation = Úložiště, frontu nebo klíč nešlo přečíst nebo zapsat.
    .next = Nic se neztratilo: za chvíli volání zopakujte.
problem-not_reachable_by_vendor = Chybí veřejná adresa
    .explanation = Na místní adresu tohoto serveru se poskytovatelé nedostanou.
    .next = Spusťte server s --public-url.

## Kontroly

check-unreachable = Server je nedostupný
    .explanation = S tímto serverem se nepodařilo navázat spojení.
    .next = Zkontrolujte adresu a zda server běží.
check-address_refused = Adresa odmítnuta
    .explanation = Adresa je soukromá, zpětná (loopback) nebo linková (link-local) a takové cíle nejsou dovoleny.
    .next = Použijte veřejnou adresu; pokud je to záměr, spusťte server s --allow-private-targets.
check-tls_failed = Zabezpečené spojení se nezdařilo
    .explanation = Certifikát serveru se nepodařilo ověřit.
    .next = Zkontrolujte název serveru a jeho certifikát.
check-credentials_refused = Přihlašovací údaje odmítnuty
    .explanation = Poskytovatel tyto přihlašovací údaje nepřijímá.
    .next = Zadejte nové přihlašovací údaje a spusťte kontrolu, nebo propojení u poskytovatele znovu povolte, pokud vzniklo tak.
check-permission_missing = Chybí oprávnění
    .explanation = Přihlašovací údaje jsou správné, ale chybí oprávnění.
    .next = Udělte u poskytovatele uvedené oprávnění a spusťte kontrolu.
check-subscription_inactive = Předplatné není aktivní
    .explanation = Tarif nebo funkce u poskytovatele nejsou aktivní.
    .next = Aktivujte je u poskytovatele a spusťte kontrolu.
check-account_blocked = Účet je zablokovaný
    .explanation = Poskytovatel účet zablokoval.
    .next = Vyřešte to s poskytovatelem a spusťte kontrolu.
check-not_that_vendor = Není to tento poskytovatel
    .explanation = Něco tam odpovídá, ale není to systém, se kterým tento konektor mluví.
    .next = Zkontrolujte adresu.
check-clock_skew = Hodiny se rozcházejí
    .explanation = Naše hodiny a hodiny poskytovatele se liší příliš.
    .next = Nastavte hodiny tohoto počítače.
check-rate_limited = Příliš mnoho volání
    .explanation = Poskytovatel žádá, abychom zpomalili.
    .next = Počkejte; pokračuje to samo.
check-setting_invalid = Některé nastavení je chybné
    .explanation = Poskytovatel nezná to, co jedno z nastavení uvádí.
    .next = Opravte uvedené nastavení a spusťte kontrolu.
check-webhook_off = Webhook je vypnutý
    .explanation = Poskytovatel náš webhook má, ale je vypnutý.
    .next = Zapněte ho u poskytovatele, nebo nechte Backhaul, ať ho zaregistruje (manage_webhook).
check-webhook_silent = Webhooky zřejmě nepřicházejí
    .explanation = Změny v tomto zdroji jsme pětkrát po sobě zjistili jen dotazováním.
    .next = Podívejte se na webhook u poskytovatele: na adresu, tajný klíč a na to, zda je zapnutý.
check-notice_refused = Upozornění nebylo převzato
    .explanation = Příjemce upozornění odpověděl, že toto nepřijímá.
    .next = Podívejte se na příjemce; tři dny se to zkouší znovu samo.
check-way_unavailable = Tato cesta neexistuje
    .explanation = Tato instalace nemá pro upozornění poštovní server ani téma.
    .next = Nastavte pro instalaci poštovní server nebo téma, nebo zvolte jinou cestu.

## Chyby pokusů

attempt-vendor_error = Chyba u poskytovatele
    .explanation = Poskytovatel odpověděl vlastní chybou.
    .next = Podívejte se, co poskytovatel odpověděl a co hlásí jeho stránka se stavem služeb, a pak export spusťte znovu.
attempt-vendor_refused = Odmítnuto poskytovatelem
    .explanation = Poskytovatel požadavek odmítl.
    .next = Podívejte se, co poskytovatel odpověděl, odstraňte příčinu a export spusťte znovu.
attempt-vendor_timeout = Odpověď nepřišla včas
    .explanation = Poskytovatel neodpověděl včas.
    .next = Zjistěte, zda není poskytovatel pomalý nebo mimo provoz, a pak export spusťte znovu; než něco odešleme, podíváme se do cíle.
attempt-vendor_unreachable = Bez spojení
    .explanation = Spojení s poskytovatelem se nepodařilo navázat, nebo se přerušilo.
    .next = Zjistěte, zda poskytovatel běží, a pak export spusťte znovu; než něco odešleme, podíváme se do cíle.
attempt-vendor_nonsense = Nečitelná odpověď
    .explanation = Odpovědi poskytovatele nešlo porozumět.
    .next = Zjistěte, zda adresa vede opravdu k poskytovateli, a pak export spusťte znovu.
attempt-answer_too_large = Příliš velká odpověď
    .explanation = Odpověď poskytovatele je větší, než kolik čteme.
    .next = Podívejte se na doklad u poskytovatele a pak export spusťte znovu.
attempt-error_inside_success = Chyba v úspěšné odpovědi
    .explanation = Poskytovatel odpověděl úspěchem, ale uvnitř odpovědi byla chyba.
    .next = Podívejte se, co poskytovatel odpověděl, odstraňte příčinu a export spusťte znovu.
attempt-not_a_pdf = Není to PDF
    .explanation = Co zdroj vydal, není PDF, nebo je příliš velké.
    .next = Otevřete doklad ve zdroji a pak export spusťte znovu.
attempt-order_state = Objednávka to nedovoluje
    .explanation = Stav objednávky v cíli to nedovoluje.
    .next = Podívejte se na objednávku v cíli a pak export spusťte znovu.
attempt-not_confirmed = Po odeslání nenalezeno
    .explanation = Poskytovatel ohlásil úspěch, ale co jsme odeslali, tam není.
    .next = Podívejte se do cíle; při novém spuštění se tam nejdřív podíváme i my.
attempt-crashed = Zpracování spadlo
    .explanation = Práce na tomto exportu opakovaně skončila bez výsledku.
    .next = Napište nám identifikátor exportu; nové spuštění ho zkusí ještě jednou, samostatně.

## Kódy vynechání

skip_code-no_order_reference = Bez čísla objednávky
    .explanation = Doklad neuvádí žádnou objednávku, nepatří tedy k žádnému kanálu.
    .next = Nic, pokud nepochází z e-shopu ani tržiště; jinak ho opravte ve zdroji.
skip_code-no_channel_matches = Nehodí se k žádnému kanálu
    .explanation = Číslo objednávky neodpovídá žádnému kanálu.
    .next = Nic, pokud nepochází z e-shopu ani tržiště; jinak se podívejte na vzory čísel objednávek u kanálů.
skip_code-not_carried = Vynecháno podle pravidla
    .explanation = Pravidlo zdroje takové doklady vynechává.
    .next = Pokud se to odesílat má, změňte pravidlo zdroje.
skip_code-switched_off = Vypnuto
    .explanation = Přepínač pro toto je u cíle vypnutý.
    .next = Zapněte ho a spusťte hromadný export.
skip_code-unsupported = Tam to není možné
    .explanation = Cíl pro to nemá místo.
    .next = Nic; co cíl přijímá, uvádí stránka konektoru.
skip_code-rule_never = Pravidlo říká nikdy
    .explanation = Podle pravidla cíle se toto neodesílá.
    .next = Pokud se to odesílat má, změňte pravidlo a spusťte hromadný export.
skip_code-marketplace_invoices = Fakturuje tržiště
    .explanation = Tuto fakturu vystavuje tržiště samo.
    .next = Nic.
skip_code-document_gone = Ve zdroji už není
    .explanation = Zdroj už to nemá.
    .next = Nic, pokud to nebylo odstraněno omylem.
skip_code-document_cancelled = Stornováno ve zdroji
    .explanation = Stornováno ve zdroji dřív, než to odešlo.
    .next = Nic.
skip_code-order_cancelled = Objednávka zrušena
    .explanation = Objednávka byla v cíli zrušena.
    .next = Nic, pokud nebyla zrušena omylem.
skip_code-one_number_per_order = Jedno číslo na objednávku
    .explanation = Cíl pojme jedno sledovací číslo na objednávku a jedno už má.
    .next = Pokud se má oznamovat každá zásilka, aktivujte na tržišti rozdělení do více dodávek (multi-shipment).
skip_code-dismissed = Není potřeba
    .explanation = Někdo uvedl, že to není potřeba.
    .next = Pokud to přece jen potřeba je, odešlete to ručně.

## Zjištění

finding-cancelled_after_sending = Stornováno až po odeslání
    .explanation = Zdroj stornoval něco, co už bylo přeneseno, nebo možná bylo. V cíli to stále je.
    .next = Podívejte se do cíle, a pokud to tam být nemá, vezměte to tam zpět; pak zjištění označte jako zkontrolované.
finding-gone_after_sending = Zmizelo až po odeslání
    .explanation = Zdroj už nemá něco, co už bylo přeneseno, nebo možná bylo. V cíli to stále je.
    .next = Podívejte se do cíle, a pokud to tam být nemá, vezměte to tam zpět; pak zjištění označte jako zkontrolované.

audit_action-decide_many = Rozhodnuto o více exportech
    .explanation = Jedno rozhodnutí padlo o několika exportech.
