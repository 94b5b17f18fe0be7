"""Reads of rounds: slips, rounds and what they are made of, listing, invitations, progress."""
