"""Acts on results: who took papers that name persons is written down."""
