"""What the engine found, in the words of the page."""

from __future__ import annotations

from django.conf import settings

from minping_engine.assessment import read_result
from minping_engine.errors import Place, Problem
from minping_engine.reporting import Explanation, explain_score, grade_titles
from minping_engine.snapshot import open_snapshot
from minping_web.assessments.models import AssessedResult, AssessmentRun
from minping_web.assessments.rules.words import page_language
from minping_web.assessments.selectors.runs import folder_of
from minping_web.common.problems import ProblemLine, lines
from minping_web.schemes.selectors.versions import loaded
from minping_web.snapshots.selectors.register import folder_of as snapshot_folder_of


def grade_names(run: AssessmentRun) -> dict[str, str]:
    """Label by grade, as the scheme of the run has it."""
    return grade_titles(loaded(run.scheme, demo=settings.DEMO), page_language())


def explanation_of(found: AssessedResult) -> Explanation | None:
    """Why this score; None where the files of the run are not there."""
    run = found.run
    if not (folder_of(run) / "result.json").is_file():
        return None
    sealed = snapshot_folder_of(run.snapshot)
    return explain_score(
        read_result(folder_of(run)),
        found.assessee_id,
        scheme=loaded(run.scheme, demo=settings.DEMO),
        snapshot=open_snapshot(sealed) if sealed.is_dir() else None,
        language=page_language(),
    )


def problem_lines(run: AssessmentRun) -> list[ProblemLine]:
    """What hindered a run, all of it."""
    return lines(Problem(one["code"], Place(key=one["key"]), one["params"]) for one in run.problems)
