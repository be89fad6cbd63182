# Vyhledávací pole na každé stránce a co najde.

search-title = Hledání
search-label = Objednávka, doklad nebo sledovací číslo
search-do = Hledat
search-again = Hledat znovu
search-hint = Najít lze čísla objednávek, čísla a identifikátory dokladů, sledovací čísla a identifikátory exportů. O kupujících se nic neukládá, proto nelze hledat podle jména, adresy ani e-mailu.
search-orders = Objednávky
search-its-export = Příslušný export
search-full = Zobrazují se jen první výsledky. Chcete-li vidět další, zadejte větší část čísla.
search-nothing = O „{ $what }“ nic nevíme.
search-try = Co zkusit:
search-try-spelling = Zkopírujte číslo přesně tak, jak je v e-shopu, v účetnictví nebo u přepravní služby, bez okolních slov.
search-try-whole = Zadejte celé číslo: podle začátku se tady nehledá.
search-try-new = Pokud je to nové, pár minut počkejte: víme o tom, až se o tom dozvíme od zdroje.
search-try-source = Podívejte se, zda je zdroj propojený a používá se.
search-no-mail = Vypadá to jako e-mailová adresa. O kupujících se nic neukládá; hledejte raději objednávku.
search-too-long = Je to příliš dlouhé: nejvýše 200 znaků.
