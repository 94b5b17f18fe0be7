"""What the templates of schemes ask."""
