# In and out.

entrance-logged-in = Zalogowano
entrance-to-overview = Przejdź do przeglądu
entrance-go-on = Dalej
entrance-logged-out = Wylogowano
entrance-closed = Te strony są zamknięte.
entrance-provider = Dostawca tożsamości może Cię jeszcze pamiętać.
entrance-log-out-there = Wyloguj się też tam
entrance-log-in = Zaloguj się
