"""Reads of ballots: what pages, exports and other apps may see; never an answer."""
