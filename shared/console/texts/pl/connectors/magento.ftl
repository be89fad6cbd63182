about = Sklepy Magento 2, Open Source i Adobe Commerce na własnych serwerach. Z faktury powstaje przy zamówieniu własna faktura Magento:
    plik PDF nie jest przekazywany, bo Magento go nie przyjmuje, a faktura dostaje numer od Magento; nasz numer i link do dokumentu są w jej
    komentarzu. Pieniądze nigdy nie są pobierane. Z faktury korygującej powstaje komentarz do zamówienia; przy włączonym przełączniku
    zwrotów pieniędzy także własne credit memo Magento, offline, więc u dostawcy płatności żadne pieniądze się nie ruszają. Z paczki
    powstaje wysyłka z numerem śledzenia.
field-auth = Sposób podpisywania wywołań
    .help = „oauth1” działa z każdą integracją; „bearer” tylko tam, gdzie sklep dopuszcza sam token integracji.
field-store_code = Kod widoku sklepu
    .help = Stores, All Stores: kod widoku sklepu (store view) w adresie REST.
field-consumer_key = Consumer key
    .help = System, Extensions, Integrations: Twoja integracja. Potrzebny przy oauth1.
field-consumer_secret = Consumer secret
    .help = Obok Consumer key. Potrzebny przy oauth1.
field-access_token = Access token
    .help = Obok Consumer key, po aktywowaniu integracji.
field-access_token_secret = Access token secret
    .help = Obok Access token. Potrzebny przy oauth1.
field-source_code = Źródło zapasów
    .help = Tylko gdy sklep trzyma zapasy w kilku źródłach: źródło, z którego pobierane są wysyłki.
promise-send_invoice = Zamówienie dostaje jedną fakturę Magento na dokument, rozpoznawaną po naszym numerze w komentarzu, odczytywanym przed
    każdym wysłaniem. Plik PDF nie jest przekazywany, Magento samo numeruje swoją fakturę, a pieniądze nie są pobierane.
promise-send_credit_note = Zamówienie dostaje jeden komentarz na fakturę korygującą, z jej numerem, kwotą i linkiem; po nich jest
    rozpoznawany i odczytywany przed każdym wysłaniem i po nim. Samo to nie tworzy credit memo, niczego nie zwraca do magazynu i nie rusza
    pieniędzy.
promise-refund_order = Zamówienie dostaje jedno credit memo offline na fakturę korygującą, rozpoznawane po jej numerze w komentarzu,
    odczytywanym przed każdym wysłaniem i po nim. Powstaje tylko z pozycji, które są zafakturowane, a pieniędzy za nie jeszcze nie zwrócono,
    i tylko tam, gdzie własne sumy Magento dają sumę faktury korygującej co do grosza. U dostawcy płatności żadne pieniądze się nie ruszają
    i nie prosimy o zwrot do magazynu.
promise-send_tracking = Zamówienie dostaje jedną wysyłkę na paczkę, rozpoznawaną po numerze śledzenia, odczytywanym przed każdym wysłaniem;
    gdy nie ma już nic do wysłania, numer dołącza do istniejącej wysyłki.
