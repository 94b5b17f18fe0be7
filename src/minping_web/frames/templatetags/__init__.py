"""Template tags that only the pages of frames use."""
