"""Pages of places, one module per kind of page."""
