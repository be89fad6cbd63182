# Přiřazení kanálu.

mappings-title = Přiřazení kanálu { $name }
mappings-lead = Jak dopravce, druh dokladu nebo platbu nazývají vaše zdroje a jak je nazývá { $name }. Stejné názvy záznam nepotřebují. Co na záznam čeká, odejde po uložení samo.
mappings-not-read = Seznamy kanálu { $name } se nepodařilo přečíst.
mappings-nameless = { $n ->
    [one] Další { $n } čeká bez hodnoty, kterou by tu šlo zadat.
    [few] Další { $n } čekají bez hodnoty, kterou by tu šlo zadat.
    [many] Dalšího { $n } čeká bez hodnoty, kterou by tu šlo zadat.
   *[other] Dalších { $n } čeká bez hodnoty, kterou by tu šlo zadat.
}
mappings-see-which = Zobrazit, které to jsou
mappings-not-all-counted = Čeká jich víc, než se tu spočítalo; čísla platí pro prvních deset tisíc.
mappings-caption = Hodnoty ve vašich zdrojích a v kanálu { $name }
mappings-at-sources = Ve vašich zdrojích
mappings-at-target = V kanálu { $name }
mappings-waiting = Čeká
mappings-counterpart = Protějšek hodnoty { $value }
mappings-use = Použít { $name }
mappings-new-value = Nová hodnota z vašich zdrojů
mappings-new-counterpart = Její protějšek
mappings-removed = Záznam bez protějšku se odstraní.
mappings-target-has = Co nabízí { $name }
mappings-no-such-kind = Takový druh přiřazení neexistuje.
mappings-for-which = Uveďte, ke které hodnotě patří { $value }.
mappings-usual-carriers = Bez záznamu se použije dopravce, který má v tamním seznamu stejný kód nebo název; kde se bere jakýkoli dopravce, odejde pod vlastním názvem. Čeká jen to, co zbude.
mappings-usual-types = Bez záznamu se použije typ z nastavení tohoto propojení.
mappings-usual-payments = Bez záznamu znají pravidla způsob platby pod jeho vlastním názvem.
mappings-usual-deliveries = Zatím je nic nepoužívá: žádná objednávka neuvádí druh doručení.
mappings-use-all = { $n ->
    [one] Použít návrh
    [few] Použít všechny { $n } návrhy
    [many] Použít všech { $n } návrhu
   *[other] Použít všech { $n } návrhů
}
mappings-saved = { $n ->
    [0] Uloženo. Na to, co je teď přiřazené, nic nečekalo.
    [one] Uloženo. Čekal na to { $n } export a teď pokračuje.
    [few] Uloženo. Čekaly na to { $n } exporty a teď pokračují.
    [many] Uloženo. Čekalo na to { $n } exportu a teď pokračuje.
   *[other] Uloženo. Čekalo na to { $n } exportů a teď pokračují.
}
