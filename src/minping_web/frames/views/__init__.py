"""Pages of frames, one module per kind of page."""
