"""Pages of publications."""
