"""Template tags that only the pages of organisations use."""
