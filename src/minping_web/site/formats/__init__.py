"""How numbers look in each language, where Django's own way does not fit."""
