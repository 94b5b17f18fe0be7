"""Reads of places, narrowed by scope."""
