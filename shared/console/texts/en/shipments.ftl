# Parcels that a person tells.

shipments-title = Tell parcels
shipments-lead = For a courier that has no list, say which parcels there are and whose orders they are. They are watched from then on, and their numbers go to the shops and marketplaces of the orders. Telling one twice changes nothing.
shipments-told = What became of them
shipments-caption = What became of the parcels you told
shipments-parcel = Parcel
shipments-order = Order
shipments-outcome = Outcome
shipments-details = More
shipments-courier-says = as the courier says
shipments-exports = Its exports
shipments-no-courier = There is no courier connection yet.
shipments-courier = Courier
shipments-lines = Parcels, one in each line: its number, a comma, its order
shipments-lines-hint = Without an order the courier is asked for it, where it knows one.
shipments-lines-max = { $n ->
    [one] At most { $n } line at once; programs use POST /api/v1/shipments.
   *[other] At most { $n } lines at once; programs use POST /api/v1/shipments.
}
shipments-tell = Tell them
shipments-choose-courier = Choose the courier.
shipments-write-lines = Write one line for each parcel.
