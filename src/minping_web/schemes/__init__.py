"""Assessment rules as data: what the library offers, which versions this district froze."""
