"""People and grids choose each other."""
