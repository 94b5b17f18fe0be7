"""Roles bound to areas and organisations."""
