"""Pure rules of rounds: words, tokens, design."""
