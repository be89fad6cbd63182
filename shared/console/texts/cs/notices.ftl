# Co se komu oznamuje.

notices-lead = Co vám oznámíme sami a jakou cestou. Exporty na upozornění nikdy nečekají.
notices-none = Zatím se nikomu nic neoznamuje. Upozornění se nastavují přes API; vzorový příklad je v README.
notices-topic = vlastní téma instalace
notices-at-once = Ihned
notices-nothing-at-once = nic
notices-digest = Den v číslech
notices-digest-at = { $hour }:00, { $zone }
notices-never = nikdy
notices-send-test = Odeslat zkoušku
notices-test = Zkouška
notices-sent = Upozornění bylo převzato.
notices-queued = Odejde během minuty nebo dvou.
notices-untold = Zatím neoznámeno

notices-language = Jazyk upozornění
notices-language-save = Uložit jazyk
notices-choose-language = Vyberte jazyk ze seznamu.
