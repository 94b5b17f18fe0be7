"""Pure rules of questionnaires: their content, the reading of answers, what the linter says."""
