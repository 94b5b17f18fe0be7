"""Measuring, beside peers in the same run. `make bench`; never part of a test."""
