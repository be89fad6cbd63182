# Dovnitř a ven.

entrance-logged-in = Přihlášení proběhlo
entrance-to-overview = Přejít na přehled
entrance-go-on = Pokračovat
entrance-logged-out = Odhlášení proběhlo
entrance-closed = Tyto stránky jsou zavřené.
entrance-provider = Poskytovatel identity si vás možná ještě pamatuje.
entrance-log-out-there = Odhlásit se i tam
entrance-log-in = Přihlásit se
