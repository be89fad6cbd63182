# Přiřazení kanálu.

mappings-title = Přiřazení kanálu { $name }
mappings-lead = Jak dopravce, druh dokladu nebo platbu nazývají vaše zdroje a jak je nazývá { $name }. Stejné názvy záznam nepotřebují. Co na záznam čeká, odejde po uložení samo.
mappings-not-read = Seznamy kanálu { $name } se nepodařilo přečíst.
mappings-nameless = { $n ->
    [one] Další { $n } čeká bez hodnoty, kterou by tu šlo zadat.
    [few] Další { $n } čekají bez hodnoty, kterou by tu šlo zadat.
    [many] Dalšího { $n } čeká bez hodnoty, kterou by tu šlo zadat.
   *[other] Dalších { $n } čeká bez hodnoty, kterou by tu šlo zadat.
}
mappings-see-which = Zobrazit, které to jsou
mappings-not-all-counted = Čeká jich víc, než se tu spočítalo; čísla platí pro prvních deset tisíc.
mappings-caption = Hodnoty ve vašich zdrojích a v kanálu { $name }
mappings-kind = Druh
mappings-at-sources = Ve vašich zdrojích
mappings-at-target = V kanálu { $name }
mappings-waiting = Čeká
mappings-counterpart = Protějšek hodnoty { $value }
mappings-use = Použít { $name }
mappings-new-kind = Druh nového záznamu
mappings-new-value = Nová hodnota z vašich zdrojů
mappings-new-counterpart = Její protějšek
mappings-removed = Záznam bez protějšku se odstraní.
mappings-target-has = Co nabízí { $name }
mappings-carriers = Dopravci
mappings-document-types = Typy dokladů
mappings-no-such-kind = Takový druh přiřazení neexistuje.
mappings-for-which = Uveďte, ke které hodnotě patří { $value }.
