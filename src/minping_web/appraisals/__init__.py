"""Evidence beside ballots: marks of raters, facts with source, costs, verified complaints."""
