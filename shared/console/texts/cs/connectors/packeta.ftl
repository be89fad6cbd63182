about = Zásilky jednoho účtu u Packety (Zásilkovny): čísla, dopravci, kterým je předává, s jejich vlastními čísly, stavy doručení, štítky. Packeta nemá seznam zásilek, proto nám je někdo ohlásí, nebo je najdeme podle čísel u objednávek. Nic se tam nezapisuje.

field-api_password = API heslo
    .help = Klientská sekce > Klientská podpora > API heslo: 32 znaků. Ne kratší API klíč.
field-from_orders = Čísla u objednávek
    .help = Z čísel jako Z1234567890, která jsou u objednávky v e-shopu jako sledovací číslo nebo v komentáři, se zásilky stanou samy. Zvolte `tracks`, pokud se komentáře číst nemají, nebo `off`, pokud se zásilky ohlašují jen přes API.
field-label_format = Formát štítku
    .help = Jak ho klientská sekce nabízí pro vlastní štítky Packety: `A6 on A4`, `A7 on A6`.
field-time_zone = Časy v odpovědích
    .help = Packeta uvádí časy bez pásma. Zvolte `utc`, pokud jsou zobrazené časy o hodinu nebo dvě pozadu.
