"""What the questionnaire's templates need."""
