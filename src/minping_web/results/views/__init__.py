"""Pages of results: one's own, those of places, papers over periods."""
