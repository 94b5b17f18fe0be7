"""Writes of rounds: design, draw, tokens, spending, accidents."""
