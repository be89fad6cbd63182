# In and out.

entrance-logged-in = You are logged in
entrance-to-overview = Go to the overview
entrance-go-on = Go on
entrance-logged-out = You are logged out
entrance-closed = These pages are closed.
entrance-provider = The identity provider may still know you.
entrance-log-out-there = Log out there too
entrance-log-in = Log in
