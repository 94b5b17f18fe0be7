"""Sealed ballots: one per household, unreadable until closing."""
