# Codes and reasons.

codes-title = Kody i powody
codes-lead = Co każdy z nich znaczy, dlaczego zwykle się pojawia i co z tym zrobić, krok po kroku.
codes-attempt = Dlaczego próba się nie powiodła
codes-hold = Na co czeka eksport
codes-skip = Dlaczego coś zostało pominięte
codes-finding = Co zauważono przy zamówieniu
codes-check = Co wykazało sprawdzenie połączenia
codes-problem = Dlaczego odrzucono wywołanie lub stronę
codes-exports = Eksporty, których to dotyczy
codes-name = Nazwa w API i w dzienniku:
