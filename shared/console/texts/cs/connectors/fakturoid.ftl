about = Faktury, proforma faktury a dobropisy, které vystavuje Fakturoid, i s jejich PDF. Nic se tam nezapisuje.

field-slug = Název účtu v adrese
    .help = Slovo za app.fakturoid.cz/ v adrese vašeho účtu.
field-auth = Způsob přihlášení
    .help = client_credentials: klíče vašeho vlastního účtu. authorization_code: integrace pro více zákazníků, kterou pak Fakturoid vyžaduje; propojení uložte a potom ho povolte ve Fakturoidu.
field-client_id = Client ID
    .help = Nastavení > Uživatelský účet, přihlašovací údaje k API v3 vašeho vlastního účtu (anglicky Settings > User account > API v3 credentials). Pro authorization_code: Nastavení > Propojení s aplikacemi > OAuth 2 pro vývojáře aplikací (anglicky Settings > Connect other apps > OAuth 2 for app developers).
field-contact_email = Kontaktní e-mail
    .help = Fakturoid vyžaduje vaši adresu v hlavičce User-Agent každého volání.
field-client_secret = Client Secret
    .help = Je uvedený vedle Client ID.
field-webhook_authorization = Autorizace webhooku
    .help = Celá hodnota Authorization, kterou jste webhooku zadali, například `Bearer` a dlouhý náhodný text.
field-webhook_authorization_previous = Předchozí autorizace webhooku
    .help = Při změně hodnoty: ta stará, která platí, dokud ji tady neodstraníte.
field-manage_webhook = Zaregistrovat webhook
    .help = yes: Backhaul zaregistruje svou adresu ve Fakturoidu, když tam chybí nebo je vypnutá. Nejdřív v uživatelském nastavení Fakturoidu zapněte správu webhooků.

webhook-setup = Nastavení > Webhooky (anglicky Settings > Webhooks; v placených tarifech). Zadejte adresu, hodnotu Authorization a tyto události.
webhook-retries = pětkrát s rostoucími odstupy, dokud do 30 s nepřijde odpověď 2xx
