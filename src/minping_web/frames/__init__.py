"""Whom may be asked: households and units per area."""
