"""Pages of rounds: preparing, drawing, inviting, watching, accidents."""
