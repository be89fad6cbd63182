# The overview.

overview-as-of = Stan na
overview-needs-you = Czeka na Ciebie
overview-nothing = Nic. Wszystko jest dostarczone albo w drodze.
overview-on-its-way = W drodze
overview-done = Zakończone
overview-duplicates = Powtórki, które nic nie zmieniły
overview-queued = Komunikaty czekające w kolejce
overview-in-work = Komunikaty w trakcie przetwarzania
overview-caption = Połączenia z tym, co otrzymały w ciągu ostatnich 24 godzin i co tam czeka
overview-connection = Połączenie
overview-state = Stan
overview-delivered = Dostarczono w ciągu 24 h
overview-waiting = Czeka
overview-oldest = Co czeka najdłużej
overview-nothing-waits = nic nie czeka
