"""The transparency log: what was sealed, for outsiders to check."""
