"""The assessment of the demonstration's closed round, with demonstration values for what nobody published."""

from __future__ import annotations

from minping_web.assessments.models import AssessmentRun
from minping_web.assessments.services.running import ask_for_run
from minping_web.jobs.models import Job
from minping_web.rounds.models import SurveyRound
from minping_web.site.demo.round_plan import BUREAU, acting
from minping_web.snapshots.models import SealedSnapshot


def seed_run(found: SurveyRound) -> Job | None:
    """Its job, once; the snapshot is there as soon as the count is in the ledger."""
    run = AssessmentRun.objects.filter(round=found).order_by("pk").first()
    if run is None:
        run = ask_for_run(acting(BUREAU), SealedSnapshot.objects.get(round=found))
    return run.job
