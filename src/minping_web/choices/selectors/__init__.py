"""Reads of two-way choice: who sees which choice and whose list, the market, the result in words."""
