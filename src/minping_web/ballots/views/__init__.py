"""Pages of ballots: the resident's vote, receipts, reports, paper, custody, closing."""
