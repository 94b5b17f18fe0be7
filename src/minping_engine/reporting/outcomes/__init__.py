"""Papers of a scheme's outcomes: `outcomes.xlsx` and `outcomes.html`, for offices.

In: result, scheme, snapshot. Out: scores with their parts, states, grades, proposals, and the values
behind them. Ballots have papers of their own (cards, report, bulletin).
"""

from minping_engine.reporting.outcomes.book import write_outcome_book
from minping_engine.reporting.outcomes.page import write_outcome_page

__all__ = ["write_outcome_book", "write_outcome_page"]
