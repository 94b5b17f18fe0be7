"""Reads for snapshots: the sources of the tables, the register, what the public may look up."""
