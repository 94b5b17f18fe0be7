"""Reads of rewards: what a result proposes, sheets, what hinders a signature, periods, one's own."""
