"""Pages of two-way choice: for the office, for who chooses, for communities that choose back."""
