"""Writes of channels, one module per step: text, provider, batch, queue, sending, receipt, letters."""
