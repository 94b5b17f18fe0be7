"""Rules of evidence beside ballots that know no database: what a scheme asks, marks, conflicts, gaps."""
