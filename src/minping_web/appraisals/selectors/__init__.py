"""Reads of appraisals: what a round asks and has, calls and sheets, what is missing."""
