about = Zásilky jedné integrace v Sendcloudu: sledovací čísla, dopravci, stavy doručení, štítky. Nic se tam nezapisuje.

field-public_key = Veřejný klíč
    .help = Settings > Integrations > vaše integrace > Public Key.
field-parcels_api = API zásilek
    .help = Zvolte `off`, pokud váš účet nesmí používat API zásilek v2: pak není k dispozici seznam změn a co neuvede sledovací API, to se převezme z podepsaného webhooku.
field-secret_key = Tajný klíč
    .help = Je uvedený vedle Public Key integrace.
field-webhook_signature_key = Podpisový klíč webhooku
    .help = Webhook Signature Key integrace, pokud ho ukazuje. Přijímá se kterýkoli z obou klíčů.
field-webhook_signature_key_previous = Předchozí podpisový klíč
    .help = Při změně klíče: ten starý, který pro webhooky platí, dokud ho tady neodstraníte.

webhook-setup = Settings > Integrations > vaše integrace: zapněte webhook feedback a zadejte adresu. Každá integrace potřebuje vlastní.
webhook-retries = desetkrát, poprvé po 5 minutách, pak s odstupem nejvýše 1 hodiny; v libovolném pořadí
