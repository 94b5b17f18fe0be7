"""Settings, addresses, event wiring, and the commands that run the product."""
