"""Pure rules of closing: compact columns of ballots, cells that are wide enough, leaves and roots."""
