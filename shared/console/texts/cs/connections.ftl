# Propojení, jejich kontroly a pozastavení.

connections-lead = Systémy, ze kterých doklady a zásilky pocházejí, a e-shopy a tržiště, do kterých jdou.
connections-jobs = Hromadné exporty a další úlohy
connections-none = Zatím tu není žádné propojení.
connections-nothing-lost = Nic z toho, co čeká, se neztratí.
connections-since = Od
connections-tried-again = Zkusí se znovu
connections-receives = Zapnuto
connections-last-check = Poslední kontrola
connections-never = nikdy
connections-last-error = Poslední chyba
connections-steps = Kroky poslední kontroly
connections-check = Zkontrolovat teď
connections-resume = Obnovit
connections-pause = Pozastavit
connections-exports = Jeho exporty
connections-shipments = Ohlásit zásilky
connections-documents = Co obsahuje
connections-mappings = Jeho přiřazení
connections-events = Jeho události

# Kroky kontroly podle svých názvů.
connections-step-account = Účet
connections-step-clock = Hodiny
connections-step-connector = Konektor
connections-step-credentials = Přihlašovací údaje
connections-step-document-types = Typy dokladů
connections-step-multi-shipment = Více dodávek (multi-shipment)
connections-step-parcels = Zásilky
connections-step-permission = Oprávnění
connections-step-reach = Dostupnost
connections-step-settings = Nastavení
connections-step-webhook = Webhook
