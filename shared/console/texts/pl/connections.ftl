# Connections, with their checks and pauses.

connections-lead = Systemy, z których pochodzą dokumenty i paczki, oraz sklepy i marketplace’y, do których trafiają.
connections-jobs = Eksporty zbiorcze i inne zadania
connections-none = Nie ma jeszcze żadnego połączenia.
connections-nothing-lost = Nic, co czeka, nie przepadnie.
connections-since = Od
connections-tried-again = Kolejna próba
connections-receives = Włączone
connections-last-check = Ostatnie sprawdzenie
connections-never = nigdy
connections-last-error = Ostatni błąd
connections-steps = Kroki ostatniego sprawdzenia
connections-check = Sprawdź teraz
connections-resume = Wznów
connections-pause = Wstrzymaj
connections-exports = Jego eksporty
connections-shipments = Zgłoś paczki
connections-documents = Co zawiera
connections-mappings = Jego mapowania
connections-events = Jego zdarzenia

# The steps of a check, as their names are.
connections-step-account = Konto
connections-step-clock = Zegar
connections-step-connector = Konektor
connections-step-credentials = Dane dostępowe
connections-step-document-types = Typy dokumentów
connections-step-multi-shipment = Wiele wysyłek (multi-shipment)
connections-step-parcels = Paczki
connections-step-permission = Uprawnienie
connections-step-reach = Łączność
connections-step-settings = Ustawienia
connections-step-webhook = Webhook
