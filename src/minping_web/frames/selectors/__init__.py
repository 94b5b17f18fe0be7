"""Reads of frames, narrowed to the scope."""
