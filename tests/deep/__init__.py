"""Chaos and simulations that take too long for every run."""
