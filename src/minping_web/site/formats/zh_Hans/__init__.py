"""Formats of the Chinese interface."""
