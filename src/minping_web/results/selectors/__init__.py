"""Reads of results: which may be seen by whom, and what stands on their pages."""
