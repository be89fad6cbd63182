# Kdo co udělal.

audit-title = Kdo co udělal
audit-lead = Každá změna, o kterou někdo požádal, od nejnovější, a jak dopadla. Uchovávají se názvy, ne hodnoty; záznam zůstává 400 dní.
audit-about = Čeho se to týká
audit-about-hint = Id propojení, exportu nebo úlohy, nebo číslo objednávky.
audit-who = Kdo
audit-what = Co
audit-outcome = Výsledek
audit-when = Kdy
audit-caption = Co kdo udělal, od nejnovějšího
audit-only-about = Týká se: { $what }
audit-only-who = Kdo: { $who }
audit-none = Zatím nikdo nic neudělal.
audit-none-here = V přečtené části nic neodpovídá. Pokračujte ke starším.
audit-no-place = Takové místo v seznamu není. Začněte od nejnovějších.
audit-no-thing = nic určitého
audit-cut = Názvů bylo víc, než se jich uchovává.
audit-about-this = Kdo s tím co udělal

audit-who-session = někdo přihlášený na těchto stránkách
audit-who-token = API token
audit-who-viewer-token = token pozorovatele
audit-who-unknown = neuchováno, vypadalo to jako adresa

# Čeho názvy záznam uvádí.
audit-names-all = Všechno
audit-names-at = Kde
audit-names-call = Volání
audit-names-changed = Změněno
audit-names-code = Kód
audit-names-connection = Propojení
audit-names-connector = Konektor
audit-names-document = Doklad
audit-names-dry-run = Jen spočítáno
audit-names-ids = Exporty
audit-names-kind = Druh
audit-names-kinds = Druhy
audit-names-label = Název
audit-names-mappings = Přiřazení
audit-names-operation = Druh práce
audit-names-operations = Druhy práce
audit-names-order = Objednávka
audit-names-outcome = Rozhodnutí
audit-names-role = Role
audit-names-rules = Pravidla
audit-names-secrets = Tajné klíče
audit-names-settings = Nastavení
audit-names-shipment = Zásilka
audit-names-since = Od
audit-names-source = Zdroj
audit-names-state = Stav
audit-names-switches = Přepínače
audit-names-target = Cíl
audit-names-webhook = Webhook
audit-names-decision = Rozhodnutí
