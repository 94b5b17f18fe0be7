"""Template tags of frames."""
