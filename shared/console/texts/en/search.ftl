# The search box of every page, and what it finds.

search-title = Search
search-label = Order, document or tracking number
search-do = Search
search-again = Search again
search-hint = Order references, numbers and ids of documents, tracking numbers and ids of exports can be found. Nothing about buyers is stored, so no name, address or e-mail address can.
search-orders = Orders
search-its-export = Its export
search-full = Only the first ones are shown. Give more of the number to see the others.
search-nothing = Nothing is known of “{ $what }”.
search-try = What to try:
search-try-spelling = Copy the number as it stands in the shop, the books or at the courier, without the words around it.
search-try-whole = Give the whole number: beginnings are not found here.
search-try-new = If it is new, wait a few minutes: it is known once its source has told of it.
search-try-source = See whether its source is connected and in use.
search-no-mail = This looks like an e-mail address. Nothing about buyers is stored; search for the order instead.
search-too-long = This is too long: at most 200 characters.
