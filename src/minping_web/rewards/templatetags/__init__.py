"""Template tags of rewards: amounts in large type."""
