# What a source has, and the form that starts a batch export.

documents-window = Dokumenty
documents-title = Co zawiera { $name }
documents-lead = Odczytane przed chwilą w źródle, razem z tym, co się stało z każdym dokumentem.
documents-lead-parcels = Odczytane przed chwilą w źródle, razem z tym, co się stało z każdą paczką.
documents-choose = Wybierz, od kiedy
documents-since = Zmienione od
documents-show = Pokaż
documents-none = Źródło nie podaje niczego, co zmieniło się od tego czasu.
documents-caption = Co zawiera źródło
documents-what = Co
documents-order = Zamówienie
documents-became = Co się z tym stało
documents-in-batch = W eksporcie zbiorczym
documents-changed = Zmieniono
documents-order-unknown = nieznane
documents-nothing-yet = jeszcze nic
documents-export-ticked = Eksportuj zaznaczone
documents-export-all = Eksportuj wszystko od { $day }
documents-more = Pokaż więcej
documents-counted-first = Najpierw wszystko zostanie policzone i nic nie zostanie wysłane, dopóki tego nie potwierdzisz.
documents-give-date = Podaj datę w postaci 2026-11-27.
documents-tick-one = Zaznacz co najmniej jeden wiersz albo wybierz wszystko od podanej daty.

# What a batch export would make of a line, and why where no word of an export says it.
documents-goes = Zostałoby wysłane
documents-delivered = Już tam jest
documents-under-way = Idzie dalej samo
documents-stays = Zostaje bez zmian
documents-not-seen = Jeszcze nieznane
documents-source-changed = Zmienione w źródle
documents-not-asked = Poza zakresem
