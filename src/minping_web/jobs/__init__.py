"""Background jobs in a leased table queue."""
