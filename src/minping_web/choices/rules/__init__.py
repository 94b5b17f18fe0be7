"""Rules of two-way choice as plain values: the order of steps, what stands on a list and where."""
