# Work on many things at once: the list, work on dead letters, batch exports.

jobs-title = Zadania
jobs-lead = Eksporty zbiorcze i działania na nieudanych eksportach, od najnowszych.
jobs-none = Nie było jeszcze żadnego.
jobs-what = Co
jobs-state = Stan
jobs-so-far = Postęp
jobs-so-far-counts = sprawdzono { $found }, pasuje { $matched }
jobs-begun = Rozpoczęto
jobs-more = Pokaż więcej

jobs-kind-batch-export = Eksport zbiorczy
jobs-kind-dismiss = Pominięcie
jobs-kind-redrive = Ponowienie
jobs-state-cancelled = Anulowane
jobs-state-counted = Policzone
jobs-state-done = Zakończone
jobs-state-failed = Nieudane
jobs-state-running = W toku

jobs-look-again = Sprawdź ponownie
jobs-looks-again = Ta strona odświeża się sama.
jobs-stop = Zatrzymaj
jobs-ended = Zadanie skończyło się przed czasem.
jobs-ended-by-person = Zadanie skończyło się przed czasem, bo ktoś je zatrzymał.
jobs-safe-again = Możesz je bezpiecznie uruchomić jeszcze raz.
jobs-preview = Nic jeszcze nie zrobiono. Tutaj widać, czego by to dotyczyło.
jobs-back = Wróć, nic nie rób
jobs-rows-caption = Eksporty, których to dotyczy

jobs-letters-redrive = Ponowienie nieudanych eksportów
jobs-letters-dismiss = Pominięcie nieudanych eksportów
jobs-letters-counting = Trwa liczenie. Z { $found } dotąd sprawdzonych pasuje { $matched }.
jobs-letters-redriving = { $decided ->
    [one] W toku: ponowiono { $decided } eksport z { $matched } dotąd znalezionych.
    [few] W toku: ponowiono { $decided } eksporty z { $matched } dotąd znalezionych.
    [many] W toku: ponowiono { $decided } eksportów z { $matched } dotąd znalezionych.
   *[other] W toku: ponowiono { $decided } eksportu z { $matched } dotąd znalezionych.
}
jobs-letters-dismissing = { $decided ->
    [one] W toku: pominięto { $decided } eksport z { $matched } dotąd znalezionych.
    [few] W toku: pominięto { $decided } eksporty z { $matched } dotąd znalezionych.
    [many] W toku: pominięto { $decided } eksportów z { $matched } dotąd znalezionych.
   *[other] W toku: pominięto { $decided } eksportu z { $matched } dotąd znalezionych.
}
jobs-letters-redriven = { $n ->
    [one] Ponowiono { $n } eksport.
    [few] Ponowiono { $n } eksporty.
    [many] Ponowiono { $n } eksportów.
   *[other] Ponowiono { $n } eksportu.
}
jobs-letters-dismissed = { $n ->
    [one] Pominięto { $n } eksport.
    [few] Pominięto { $n } eksporty.
    [many] Pominięto { $n } eksportów.
   *[other] Pominięto { $n } eksportu.
}
jobs-letters-none = Żaden nieudany eksport już nie pasuje. Nie ma nic do zrobienia.
jobs-letters-back = Wróć do nieudanych eksportów
jobs-letters-redrive-ask = { $n ->
    [one] Ponowić { $n } nieudany eksport?
    [few] Ponowić { $n } nieudane eksporty?
    [many] Ponowić { $n } nieudanych eksportów?
   *[other] Ponowić { $n } nieudanego eksportu?
}
jobs-letters-redrive-means = Każdy zaczyna od nowa, z trzema kolejnymi próbami. Źródło zostanie odczytane ponownie, a zanim cokolwiek wyślemy, sprawdzimy w systemie docelowym, więc nic nie dotrze dwa razy.
jobs-letters-redrive-do = Ponów ({ $n })
jobs-letters-dismiss-ask = { $n ->
    [one] Pominąć { $n } nieudany eksport?
    [few] Pominąć { $n } nieudane eksporty?
    [many] Pominąć { $n } nieudanych eksportów?
   *[other] Pominąć { $n } nieudanego eksportu?
}
jobs-letters-dismiss-means = Nie będzie dalszych prób. Zostaną na liście jako pominięte, z Twoim uzasadnieniem.
jobs-letters-dismiss-why = Dlaczego są niepotrzebne?
jobs-letters-dismiss-do = Pomiń ({ $n })
jobs-letters-gone = { $n ->
    [one] Jeszcze { $n } nie był już nieudanym eksportem, gdy przyszła na niego kolej.
    [few] Jeszcze { $n } nie były już nieudanymi eksportami, gdy przyszła na nie kolej.
    [many] Jeszcze { $n } nie było już nieudanymi eksportami, gdy przyszła na nie kolej.
   *[other] Jeszcze { $n } nie było już nieudanymi eksportami, gdy przyszła na nie kolej.
}
jobs-letters-which = Które to są
jobs-letters-more = { $n ->
    [one] I jeszcze { $n } eksport.
    [few] I jeszcze { $n } eksporty.
    [many] I jeszcze { $n } eksportów.
   *[other] I jeszcze { $n } eksportu.
}
jobs-letters-choose-kind = Wybierz, co ma zostać zrobione.
jobs-letters-tick-one = Zaznacz co najmniej jeden nieudany eksport albo wybierz wszystkie.
jobs-letters-note-needed = Napisz w notatce, dlaczego są niepotrzebne.

jobs-batch-title = Eksport zbiorczy
jobs-batch-title-source = Eksport zbiorczy ze źródła { $name }
jobs-batch-title-target = Eksport zbiorczy do systemu docelowego { $name }
jobs-batch-waits = Czeka: { $why }.
jobs-batch-halted = Zakończył się: { $why }.
jobs-batch-tried-again = Kolejna próba
jobs-batch-counting = Trwa liczenie. Dotąd sprawdzono { $found }.
jobs-batch-under-way = W toku: do kolejki dodano { $queued }. Dotąd sprawdzono { $found }.
jobs-batch-queued = { $n ->
    [one] Do kolejki dodano { $n } eksport.
    [few] Do kolejki dodano { $n } eksporty.
    [many] Do kolejki dodano { $n } eksportów.
   *[other] Do kolejki dodano { $n } eksportu.
}
jobs-batch-queued-of = { $queued ->
    [one] Do kolejki dodano { $queued } eksport z { $found } sprawdzonych.
    [few] Do kolejki dodano { $queued } eksporty z { $found } sprawdzonych.
    [many] Do kolejki dodano { $queued } eksportów z { $found } sprawdzonych.
   *[other] Do kolejki dodano { $queued } eksportu z { $found } sprawdzonych.
}
jobs-batch-was-there = { $n ->
    [one] { $n } już tam był.
    [few] { $n } już tam były.
    [many] { $n } już tam było.
   *[other] { $n } już tam było.
}
jobs-batch-nothing = Nic nie zostałoby wysłane.
jobs-batch-is-there = { $delivered ->
    [one] { $delivered } z { $found } sprawdzonych już tam jest.
    [few] { $delivered } z { $found } sprawdzonych już tam są.
    [many] { $delivered } z { $found } sprawdzonych już tam jest.
   *[other] { $delivered } z { $found } sprawdzonych już tam jest.
}
jobs-batch-ask = Wyeksportować { $n }?
jobs-batch-do = Eksportuj { $n }
jobs-batch-means = To, czego nikt jeszcze nie sprawdził, zaliczamy do wychodzących, jeśli jego zamówienie może należeć do kanału, który to przyjmuje. Zanim cokolwiek wyślemy, sprawdzimy w systemie docelowym, więc nic nie dotrze dwa razy.
jobs-batch-known = Znane wcześniej
