"""Writes of publications: propose, publish, hand out copies, run the clocks."""
