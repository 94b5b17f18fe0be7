"""From a snapshot and results of ballots to outcomes by a scheme's rules.

In: snapshot, scheme, results per questionnaire. Out: the tables
that every result has beside those of ballots.
"""

from minping_engine.assessment.scored.ballots import BallotResults
from minping_engine.assessment.scored.fitting import fitting_problems
from minping_engine.assessment.scored.run import score_snapshot
from minping_engine.assessment.scored.tables import SCORED_TABLES

__all__ = ["SCORED_TABLES", "BallotResults", "fitting_problems", "score_snapshot"]
