# Povolení propojení u poskytovatele.

oauth-title = Propojeno ve službě { $vendor }
oauth-title-awaited = Propojte ve službě { $vendor }
oauth-lead-awaited = Toto propojení zatím u poskytovatele nikdo nepovolil. Do té doby se nic nepřenáší. Přihlásíte se tam a povolíte ho; tady se žádný tajný klíč nezadává.
oauth-lead = Toto propojení bylo u poskytovatele povoleno. Propojte ho znovu, pokud tam byl přístup odebrán nebo má používat jiný účet. Dosavadní přístup platí, dokud nový nezačne fungovat.
oauth-redirect = Adresa pro návrat
oauth-redirect-help = Než propojení povolíte, zadejte ji u poskytovatele přesně takto jako adresu pro přesměrování. Mnozí poskytovatelé nepřijmou adresu, která platí jen na tomto počítači, například localhost.
oauth-redirect-form = Pokud zvolíte „authorization_code“: propojení uložte a na další stránce ho propojte ve službě { $vendor }. Předtím tam zadejte tuto adresu pro přesměrování:
oauth-connect = Propojit ve službě { $vendor }
oauth-connect-again = Propojit ve službě { $vendor } znovu
oauth-allowed = Propojení bylo povoleno a kontrola proběhla v pořádku.
oauth-denied = U poskytovatele nebylo povoleno. Tady se nic nezměnilo.
oauth-leaving = Pokračujte do služby { $vendor }
oauth-go = Přejít do služby { $vendor }
oauth-back = Zpět od poskytovatele
oauth-secret = Přístup povolený u poskytovatele
connect-lacks-consent = U poskytovatele ho zatím nikdo nepovolil.
