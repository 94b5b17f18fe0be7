"""The nightly check of the register of postings; its findings stand in the job's result."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.utils.translation import gettext_lazy as _

from minping_web.common.clock import today
from minping_web.jobs.rules import Periodic, Progress, nightly, repeat, task
from minping_web.people.selectors import faults_of_register


@task("people.check_postings", title=_("Check the register of postings"), start="people.edit")
def check_postings(progress: Progress) -> dict[str, Any]:
    """S10 and its neighbours, for the whole district: counts by code, no names."""
    faults = faults_of_register(today())
    progress(len(faults), len(faults))
    return {"faults": dict(Counter(fault.code for fault in faults))}


repeat(Periodic("people.check_postings", **nightly(3)))
