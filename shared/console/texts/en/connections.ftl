# Connections, with their checks and pauses.

connections-lead = The systems that documents and parcels come from, and the shops and marketplaces they go to.
connections-jobs = Batch exports and other jobs
connections-none = There is no connection yet.
connections-nothing-lost = Nothing that waits is lost.
connections-since = Since
connections-tried-again = Tried again
connections-receives = Switched on
connections-last-check = Last check
connections-never = never
connections-last-error = Last error
connections-steps = Steps of the last check
connections-check = Check now
connections-resume = Resume
connections-pause = Pause
connections-exports = Its exports
connections-shipments = Tell parcels
connections-documents = What it has
connections-mappings = Its mappings
connections-events = Its events

# The steps of a check, as their names are.
connections-step-account = Account
connections-step-clock = Clock
connections-step-connector = Connector
connections-step-credentials = Credentials
connections-step-document-types = Document types
connections-step-multi-shipment = Multi-shipment
connections-step-parcels = Parcels
connections-step-permission = Permission
connections-step-reach = Reach
connections-step-settings = Settings
connections-step-webhook = Webhook
