"""Cards and comparison for those who are assessed and for their offices."""
