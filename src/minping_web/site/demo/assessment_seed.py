"""The assessment of the demonstration's closed round, and its preview: the assessed may object now.

Values that nobody published are filled with demonstration values.
"""

from __future__ import annotations

from minping_web.assessments.models import AssessmentRun
from minping_web.assessments.rules.words import RunState
from minping_web.assessments.services.running import ask_for_run
from minping_web.common.scope import entered
from minping_web.jobs.models import Job
from minping_web.objections.models import Preview
from minping_web.objections.services.previews import open_preview
from minping_web.rounds.models import SurveyRound
from minping_web.site.demo.round_plan import BUREAU, acting
from minping_web.snapshots.models import SealedSnapshot


def seed_run(found: SurveyRound) -> Job | None:
    """Its job, once; the snapshot is there as soon as the count is in the ledger. Then the preview opens."""
    bureau = acting(BUREAU)
    run = AssessmentRun.objects.filter(round=found).order_by("pk").first()
    if run is None:
        run = ask_for_run(bureau, SealedSnapshot.objects.get(round=found))
    if run.state == RunState.DONE and not Preview.objects.filter(run=run).exists():
        with entered(bureau):
            open_preview(bureau, run)
    return run.job
