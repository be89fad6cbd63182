# Co má zdroj, a formulář, který spouští hromadný export.

documents-window = Doklady
documents-title = Co obsahuje { $name }
documents-lead = Právě přečteno ve zdroji, s tím, co se s každým dokladem stalo.
documents-lead-parcels = Právě přečteno ve zdroji, s tím, co se s každou zásilkou stalo.
documents-choose = Zvolit, odkdy
documents-since = Změněno od
documents-show = Zobrazit
documents-none = Zdroj neuvádí nic, co by se od té doby změnilo.
documents-caption = Co obsahuje zdroj
documents-what = Co
documents-order = Objednávka
documents-became = Co se s tím stalo
documents-in-batch = V hromadném exportu
documents-changed = Změněno
documents-order-unknown = není známá
documents-nothing-yet = zatím nic
documents-export-ticked = Exportovat vybrané
documents-export-all = Exportovat vše od { $day }
documents-more = Zobrazit další
documents-counted-first = Nejdřív se to spočítá a nic se neodešle, dokud to nepotvrdíte.
documents-give-date = Zadejte datum ve tvaru 2026-11-27.
documents-tick-one = Vyberte aspoň jeden řádek, nebo zvolte vše od daného data.

# Co by hromadný export s řádkem udělal a proč, kde to neříká žádné slovo exportu.
documents-goes = Odešlo by
documents-delivered = Už tam je
documents-under-way = Pokračuje samo
documents-stays = Zůstane, jak je
documents-not-seen = Zatím nezaznamenáno
documents-source-changed = Změněno ve zdroji
documents-not-asked = Mimo zadání
