"""Areas from city to grid, their classes, difficulties and outlines."""
