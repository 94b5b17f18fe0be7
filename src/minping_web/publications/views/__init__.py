"""Pages of publications: for bureau and auditor, and for everybody."""
