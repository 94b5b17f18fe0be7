"""Changes of rewards: drafting sheets, preparing, signing, withholding, budgets, statements, exports."""
