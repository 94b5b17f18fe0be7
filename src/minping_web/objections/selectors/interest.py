"""Own interest: who is assessed in a round, or whose organisation or place is, has no part in its objections.

In: a scope. Out: the rounds in which his interest is assessed. Such a person neither reads what rivals object
and bring as evidence nor checks, decides, proposes or signs anything of it, whatever role he has beside; the
own objection stays visible to who filed it. The same rule as for raters: `appraisals`.
"""

from __future__ import annotations

from django.db.models import F, Q

from minping_web.accounts.models import User
from minping_web.appraisals.selectors.raters import rater_facts
from minping_web.assessments.models import AssessedResult, AssessmentRun
from minping_web.common.scope import PATH_STEP, Scope


def rounds_of_interest(scope: Scope) -> set[int]:
    """Rounds in which this person, an own organisation or the place of work is assessed."""
    user = User.objects.filter(pk=scope.user_id).first() if scope.user_id else None
    if user is None:
        return set()
    facts = rater_facts(user)
    around = {path[:end] for path in facts.work_paths for end in range(PATH_STEP, len(path) + 1, PATH_STEP)}
    own = Q(assessee_id__in=facts.ids) | Q(assessee_id=F("area__code"), area__path__in=around)
    if scope.person_id is not None:
        own |= Q(person=scope.person_id)
    return set(AssessedResult.objects.filter(own).values_list("run__round", flat=True))


def has_interest(scope: Scope, run: AssessmentRun) -> bool:
    """Whether this person has an interest of his own in a result."""
    return run.round_id in rounds_of_interest(scope)
