# A trial of one document or parcel.

trial-title = Wypróbuj na sucho
trial-lead = Zobacz krok po kroku, co zostałoby wysłane dla jednego dokumentu lub jednej paczki, zanim cokolwiek zostanie wysłane.
trial-link = Zobacz, co zostałoby wysłane
trial-source = Skąd pochodzi
trial-any-source = Znajdź po numerze
trial-number = Numer
trial-number-hint = Numer dokumentu, numer śledzenia albo numer zamówienia.
trial-target = Dokąd idzie
trial-any-target = Tam, gdzie należy zamówienie
trial-run = Wypróbuj na sucho
trial-harmless = Źródło i system docelowy są tylko odczytywane. Nic nie zostanie wysłane ani nigdzie zapisane.
trial-no-number = Podaj numer.
trial-not-there = { $source } nie ma niczego pod tym numerem. Sprawdź tam, jak numer jest zapisany, albo wybierz, skąd pochodzi.
trial-not-known = Nic z tego, co dotąd widzieliśmy, nie ma tego numeru. Wybierz, skąd pochodzi, a zapytamy tam.
trial-which = Które z nich?
trial-candidate = { $number }, { $source }

trial-would-go = Tak zostałoby to wysłane.
trial-is-there = Nic nie zostałoby wysłane: system docelowy już to ma.
trial-would-not = Teraz nie zostałoby to wysłane. Kroki poniżej mówią dlaczego i co zrobić.
trial-nothing-sent = Nic nie zostało wysłane ani zapisane.
trial-send = Wyślij naprawdę
trial-send-hint = Źródło zostanie odczytane ponownie, a przed wysłaniem jeszcze raz zajrzymy do systemu docelowego.

trial-steps = Krok po kroku
trial-step-plan = Ustalanie, dokąd idzie
trial-no-tracking = Nie ma jeszcze numeru śledzenia.
trial-order = Do zamówienia { $order }.
trial-no-order = Nie podaje żadnego zamówienia.
trial-goes = { $what }, do zamówienia { $order }.
trial-clear = Nic nie stoi na przeszkodzie.
trial-there = Już tam jest: { $number }.
trial-not-yet = Nic z tego jeszcze tam nie ma.
trial-no-call = Nie ma nic do wysłania.
trial-calls = { $n ->
    [one] { $n } żądanie zmieniłoby tam coś.
    [few] { $n } żądania zmieniłyby tam coś.
    [many] { $n } żądań zmieniłoby tam coś.
   *[other] { $n } żądania zmieniłoby tam coś.
}

trial-compared = Co jest porównywane wcześniej
trial-compared-what = Co
trial-ours = W dokumencie
trial-theirs = Porównano z
trial-fits = Wynik
trial-currency = Waluta, taka jak w zamówieniu
trial-total = Suma, najwyżej taka jak zamówienia
trial-vat = Suma, razem z pozycji VAT
trial-lines = Pozycje, każda jest w zamówieniu
trial-pdf = Początek pliku, jaki ma PDF
trial-pdf-size = Rozmiar PDF, najwyżej
trial-file-name = Nazwa pliku
trial-bytes = { $n ->
    [one] { $count } bajt
    [few] { $count } bajty
    [many] { $count } bajtów
   *[other] { $count } bajta
}

trial-standing = Co system docelowy ma do tego zamówienia
trial-standing-lead = Odczytane tam przed chwilą, niezależnie od tego, kto to tam umieścił.
trial-at = Gdzie
trial-made = Powstało tam
trial-requests = Żądania, które zostałyby wysłane
trial-requests-lead = Dokładnie tak, jak zostałyby wysłane, w tej kolejności. Sekrety są zakryte gwiazdkami; z pliku widać nazwę, rozmiar i skrót SHA-256.
trial-headers = Nagłówki
trial-body = Treść

trial-sent-title = Jest w drodze
trial-sent-lead = Czeka w kolejce i zostanie przekazane, gdy przyjdzie na nie kolej. Ta strona sama poprowadzi dalej.
trial-sent-see = Zobacz, co się z tym stanie
