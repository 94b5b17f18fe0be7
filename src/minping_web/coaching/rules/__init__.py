"""Pure rules of coaching: states, levels, reasons in words; no table is read here."""
