"""Ways out and in: messages, letters, posters."""
