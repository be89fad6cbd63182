# Parcels that a person tells.

shipments-title = Zgłoś paczki
shipments-lead = Gdy kurier nie udostępnia listy, podaj, jakie są paczki i do których zamówień należą. Od tej chwili są śledzone, a ich numery trafiają do sklepów i marketplace’ów tych zamówień. Dwukrotne zgłoszenie paczki niczego nie zmienia.
shipments-told = Co się z nimi stało
shipments-caption = Co się stało ze zgłoszonymi paczkami
shipments-parcel = Paczka
shipments-order = Zamówienie
shipments-outcome = Wynik
shipments-details = Szczegóły
shipments-courier-says = według kuriera
shipments-exports = Jej eksporty
shipments-no-courier = Nie ma jeszcze połączenia z żadnym kurierem.
shipments-courier = Kurier
shipments-lines = Paczki, każda w osobnym wierszu: jej numer, przecinek, jej zamówienie
shipments-lines-hint = Jeśli zamówienia nie podasz, zapytamy o nie kuriera, o ile je zna.
shipments-lines-max = { $n ->
    [one] Najwyżej { $n } wiersz naraz; programy używają POST /api/v1/shipments.
    [few] Najwyżej { $n } wiersze naraz; programy używają POST /api/v1/shipments.
    [many] Najwyżej { $n } wierszy naraz; programy używają POST /api/v1/shipments.
   *[other] Najwyżej { $n } wiersza naraz; programy używają POST /api/v1/shipments.
}
shipments-tell = Zgłoś
shipments-choose-courier = Wybierz kuriera.
shipments-write-lines = Napisz po jednym wierszu dla każdej paczki.
