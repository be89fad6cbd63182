# Zgoda na połączenie u usługodawcy.

oauth-title = Połączono w serwisie { $vendor }
oauth-title-awaited = Połącz w serwisie { $vendor }
oauth-lead-awaited = Nikt jeszcze nie wyraził u usługodawcy zgody na to połączenie. Do tego czasu nic nie jest przekazywane. Zalogujesz się tam i wyrazisz zgodę; tutaj nie podaje się żadnego sekretu.
oauth-lead = Na to połączenie wyrażono zgodę u usługodawcy. Połącz ponownie, jeśli dostęp został tam odebrany albo ma być używane inne konto. Dotychczasowy dostęp obowiązuje, dopóki nowy nie zadziała.
oauth-redirect = Adres powrotu
oauth-redirect-help = Zanim połączysz, wpisz go u usługodawcy dokładnie w tej postaci jako adres przekierowania. Wielu usługodawców nie przyjmuje adresu działającego tylko na tym komputerze, na przykład localhost.
oauth-redirect-form = Jeśli wybierzesz „authorization_code”: zapisz połączenie, a na następnej stronie połącz je w serwisie { $vendor }. Najpierw wpisz tam ten adres przekierowania:
oauth-connect = Połącz w serwisie { $vendor }
oauth-connect-again = Połącz ponownie w serwisie { $vendor }
oauth-allowed = Wyrażono zgodę, a sprawdzenie się powiodło.
oauth-denied = U usługodawcy nie wyrażono zgody. Tutaj nic się nie zmieniło.
oauth-leaving = Dalej do serwisu { $vendor }
oauth-go = Przejdź do serwisu { $vendor }
oauth-back = Powrót od usługodawcy
oauth-secret = Dostęp, na który wyrażono zgodę u usługodawcy
connect-lacks-consent = U usługodawcy nikt jeszcze nie wyraził zgody.
