"""Sealed snapshot + frozen scheme -> scores, grades and proposals, each with the way back to its sums."""
