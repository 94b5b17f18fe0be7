"""Changes of two-way choice: prepare, post, choose, choose back, match, mediate, carry out."""
