"""What is published of a result, for whom, and how anybody checks it."""
