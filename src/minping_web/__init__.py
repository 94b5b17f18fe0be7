"""The product: a district sets up its places, people and households, and runs its rounds here.

One Django app per step, in flow order (ARCHITECTURE.md). Writes in services, reads in selectors.
"""
