"""The demonstration: one invented account per role, and an invented district around them.

Everything here asks first whether this deployment is a demonstration (`site.guard`); the pages are not even
mounted in a real one.
"""
