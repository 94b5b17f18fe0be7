"""Reads of assessments: runs, results, and why a score is what it is."""
