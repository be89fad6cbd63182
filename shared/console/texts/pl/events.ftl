# What webhooks brought.

events-title = Zdarzenia: { $name }
events-lead = O czym połączenie powiadomiło przez webhooki, od najnowszego, i co z tego wynikło według obecnego stanu.
events-none-sent = Ten system nie wysyła webhooków; zamiast tego pytamy go o nowości.
events-accepted = Przyjęte
events-since = Przeszukano od
events-none = Nie przetworzono jeszcze żadnego zdarzenia.
events-caption = Przyjęte zdarzenia, od najnowszego
events-about = Czego dotyczy
events-at = Odebrano
events-became = Co z tego wynikło
events-became-nothing = nie ma o tym zapisu
events-again = Jeszcze raz
events-look-again = Sprawdź ponownie
events-not-shown = Nie widać tu: jak usługodawca nazwał zdarzenie i co w nim było, które z kilku zgłoszeń dało który eksport oraz co zostało przyjęte i wciąż czeka w kolejce.
events-refused = Odrzucone
events-refused-lead = Liczone od uruchomienia programu. Z treści takiego wywołania nic nie zachowujemy.
events-refused-none = Od uruchomienia programu nie odrzucono żadnego wywołania.
events-refused-elsewhere = Odrzucone wywołania nie są tu liczone: każde ma w dzienniku wiersz webhook.refused, a zapisane zapytanie refused-webhooks liczy je według połączenia i powodu.
events-reason = Powód
events-advice = Co to znaczy i co zrobić
events-count = Ile razy
events-last = Ostatnio
