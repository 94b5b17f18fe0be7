"""Pure rules of channels: texts and their length, numbers, hours, money, questions about a text."""
