"""Pages of the log: for staff and auditors, and what everybody may read."""
