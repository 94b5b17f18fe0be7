"""Pure rules of ballots: words, canonical form, sealing."""
