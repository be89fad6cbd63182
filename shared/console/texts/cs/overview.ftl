# Přehled.

overview-as-of = Stav k
overview-needs-you = Čeká na vás
overview-nothing = Nic. Všechno je doručené nebo na cestě.
overview-on-its-way = Na cestě
overview-done = Hotovo
overview-duplicates = Opakování, která nic nezměnila
overview-queued = Zprávy čekající ve frontě
overview-in-work = Zprávy, které se zpracovávají
overview-caption = Propojení s tím, co za posledních 24 hodin přijala a co tam čeká
overview-connection = Propojení
overview-state = Stav
overview-delivered = Doručeno za 24 h
overview-waiting = Čeká
overview-oldest = Co čeká nejdéle
overview-nothing-waits = nic nečeká
