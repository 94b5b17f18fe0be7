"""Pages of rewards: for who prepares, signs and audits, and for the person concerned."""
