"""Reads of publications: what waits, what holds, what everybody may check."""
