"""Scripts that make pages, pictures and fonts from the code; run them by `make` or as modules."""
