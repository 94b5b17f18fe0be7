"""Writes of places: every call is one transaction and one change set that can be undone."""
