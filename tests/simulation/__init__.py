"""Honesty by simulation: known truth in, the engine's claims out, judged (docs/method/honesty.md)."""
