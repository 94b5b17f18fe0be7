"""Closing: count, write, read again in another process, log. Light: that process imports it."""
