"""Reads of previews and objections."""
