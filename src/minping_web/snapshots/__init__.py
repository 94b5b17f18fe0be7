"""Closed rounds as sealed files."""
