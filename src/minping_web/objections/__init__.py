"""Cards are seen before they hold; who objects gets a decision with reasons."""
