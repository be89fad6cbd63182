# Kódy a důvody.

codes-title = Kódy a důvody
codes-lead = Co každý z nich znamená, proč k němu obvykle dochází a co s tím udělat, krok za krokem.
codes-attempt = Proč se pokus nezdařil
codes-hold = Na co export čeká
codes-skip = Proč se něco vynechalo
codes-finding = Co se zjistilo u objednávky
codes-check = Co zjistila kontrola propojení
codes-problem = Proč bylo odmítnuto volání nebo stránka
codes-exports = Exporty, kterých se to týká
codes-name = Název v API a v logu:
