"""Pages: snapshots, and what everybody may check of a closed round."""
