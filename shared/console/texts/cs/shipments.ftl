# Zásilky, které ohlašuje člověk.

shipments-title = Ohlásit zásilky
shipments-lead = U přepravní služby, která nemá seznam, uveďte, jaké zásilky existují a ke kterým objednávkám patří. Od té chvíle je sledujeme a jejich čísla odcházejí do e-shopů a na tržiště těchto objednávek. Ohlásit zásilku dvakrát nic nezmění.
shipments-told = Co se s nimi stalo
shipments-caption = Co se stalo s ohlášenými zásilkami
shipments-parcel = Zásilka
shipments-order = Objednávka
shipments-outcome = Výsledek
shipments-details = Podrobnosti
shipments-courier-says = podle přepravní služby
shipments-exports = Její exporty
shipments-no-courier = Zatím tu není propojení s žádnou přepravní službou.
shipments-courier = Přepravní služba
shipments-lines = Zásilky, každá na svém řádku: její číslo, čárka, její objednávka
shipments-lines-hint = Bez objednávky se na ni zeptáme přepravní služby, pokud ji zná.
shipments-lines-max = { $n ->
    [one] Nejvýše { $n } řádek najednou; programy používají POST /api/v1/shipments.
    [few] Nejvýše { $n } řádky najednou; programy používají POST /api/v1/shipments.
    [many] Nejvýše { $n } řádku najednou; programy používají POST /api/v1/shipments.
   *[other] Nejvýše { $n } řádků najednou; programy používají POST /api/v1/shipments.
}
shipments-tell = Ohlásit
shipments-choose-courier = Zvolte přepravní službu.
shipments-write-lines = Napište pro každou zásilku jeden řádek.
