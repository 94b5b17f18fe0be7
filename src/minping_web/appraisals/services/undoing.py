"""Taking back edits of evidence: never what two persons brought in, and not while the evidence is closed."""

from __future__ import annotations

from collections.abc import Sequence

from minping_engine.errors import Place, Problem
from minping_web.appraisals.models import EvidenceValue, RaterCall
from minping_web.appraisals.rules.words import ValueTable
from minping_web.appraisals.selectors.evidence import EDIT, asked_of
from minping_web.appraisals.selectors.known import COUNTERS
from minping_web.appraisals.services.calls import refuse_while_closing, require_everywhere
from minping_web.common.changes import Touched, UndoRules
from minping_web.common.clock import today
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.rounds.models import SurveyRound


def _require(scope: Scope, _rows: Sequence[Touched]) -> None:
    require_everywhere(scope, EDIT)


def obstacles(_scope: Scope, rows: Sequence[Touched]) -> list[Problem]:
    """Costly facts come and go by two persons; nothing moves while a closing runs."""
    touched = [one for row in rows for one in row.both if isinstance(one, EvidenceValue)]
    rounds = SurveyRound.objects.select_related("scheme").in_bulk({one.round_id for one in touched})
    problems = _of_calls(rows)
    for found in rounds.values():
        facts = [one for one in touched if (one.round_id, one.table) == (found.pk, ValueTable.FACTS)]
        names = {one.name for one in facts}
        decided = {one.name for one in facts if one.book_id and one.name in COUNTERS}
        problems += [
            Problem("appraisal.takes_two_persons", Place(), {"fact": fact.title})
            for fact in asked_of(found).facts
            if (fact.is_costly and fact.id in names) or fact.id in decided
        ]
        try:
            refuse_while_closing(found.pk)
        except RefusedError as refused:
            problems += refused.problems
    return problems


def _of_calls(rows: Sequence[Touched]) -> list[Problem]:
    """A call that is over stays over: its means were there to be seen."""
    calls = [row.now for row in rows if isinstance(row.now, RaterCall)]
    return [Problem("appraisal.means_seen") for one in calls if one.is_over_on(today())][:1]


EVIDENCE = UndoRules(_require, obstacles)
