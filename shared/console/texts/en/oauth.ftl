# Allowing a connection at its vendor.

oauth-title = Connected at { $vendor }
oauth-title-awaited = Connect it at { $vendor }
oauth-lead-awaited = Nobody has allowed this connection at the vendor yet. Until then nothing is carried here. You log in there and allow it; nothing secret is entered here.
oauth-lead = This connection was allowed at the vendor. Connect once more if access was withdrawn there, or if it is to use another account. What is in use stays until the new access works.
oauth-redirect = Address for the way back
oauth-redirect-help = Enter it at the vendor exactly like this, as the address to which people are sent back, before you connect. Many vendors take no address of this machine alone, such as localhost.
oauth-redirect-form = If you choose “authorization_code”: save the connection, then connect at { $vendor } on the page that follows. Enter this address there first, as the address to which people are sent back:
oauth-connect = Connect at { $vendor }
oauth-connect-again = Connect at { $vendor } once more
oauth-allowed = It was allowed, and the check has succeeded.
oauth-denied = It was not allowed at the vendor. Nothing has changed here.
oauth-leaving = On to { $vendor }
oauth-go = Go to { $vendor }
oauth-back = Back from the vendor
oauth-secret = What was allowed at the vendor
connect-lacks-consent = Nobody has allowed it at the vendor yet.
