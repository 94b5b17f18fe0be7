"""Golden rounds: sealed snapshots with the result that must come out, byte for byte where exact."""
