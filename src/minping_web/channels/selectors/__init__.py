"""Reads of channels, one module per kind of page."""
