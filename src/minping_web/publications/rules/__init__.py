"""Pure rules of publications."""
