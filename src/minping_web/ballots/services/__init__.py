"""Writes of ballots: casting, custody, closing, paper, open answers."""
