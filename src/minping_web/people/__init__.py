"""Community workers, positions, postings, certificates."""
