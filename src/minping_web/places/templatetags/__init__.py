"""Template tags that only the pages of places use."""
