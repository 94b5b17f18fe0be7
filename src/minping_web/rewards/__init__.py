"""What follows from results: pay, funds, honours, cards, renewal; signed by persons."""
