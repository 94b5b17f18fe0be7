"""A quarter of two contractors without a survey, its raters, and what they mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from minping_web.access.selectors import scope_of
from minping_web.accounts.models import User
from minping_web.appraisals.models import CalledRater, RaterCall
from minping_web.appraisals.services.calls import CallDraft, call_raters, make_call
from minping_web.appraisals.services.founding import Wanted, begin_without_survey
from minping_web.appraisals.services.marking import save_marks
from minping_web.common.clock import today
from minping_web.common.scope import Scope, system_scope
from minping_web.organisations.models import Organisation
from minping_web.places.models import Area
from minping_web.rounds.models import SurveyRound
from minping_web.schemes.services.freezing import freeze_version
from minping_web.snapshots.rules.ids import organisation_id
from tests.web import factories
from tests.web.factories import SmallDistrict

SCHEME, VERSION, PERIOD = "xiaoshi-organisation", "2018.1", "2019Q3"
ROLE_OF = {"bureau": "district_bureau", "experts": "expert", "representatives": "representative"}


@dataclass
class Quarter:
    """The round, the two who are assessed, and somebody of the bureau."""

    round: SurveyRound
    good: Organisation
    poor: Organisation
    bureau: User
    place: Area
    """A street, for who is granted a role there."""

    @property
    def scope(self) -> Scope:
        """Of the bureau, second factor just given."""
        return fresh(self.bureau)

    @property
    def ids(self) -> tuple[str, str]:
        """As the snapshot knows them."""
        return organisation_id(self.good.pk), organisation_id(self.poor.pk)


def fresh(who: User) -> Scope:
    """With a second factor just given."""
    return scope_of(who, second_factor_at=timezone.now())


def of_role(role: str, n: int = 1, **values: object) -> list[User]:
    """People with an account and a role."""
    found = [factories.user() for _ in range(n)]
    for who in found:
        factories.grant(who, role, **values)  # type: ignore[arg-type]
    return found


def quarter(district: SmallDistrict) -> Quarter:
    """A sealed round of two contractors."""
    good = factories.organisation("contractor", "便民一社")
    poor = factories.organisation("contractor", "便民二社")
    factories.organisation("survey_firm", "不在考核范围")
    (bureau,) = of_role("district_bureau")
    scheme = freeze_version(system_scope(), SCHEME, VERSION)
    wanted = Wanted(scheme, "三季度考评", PERIOD, None, (), ("contractor",))
    return Quarter(begin_without_survey(fresh(bureau), wanted), good, poor, bureau, district.streets[0])


def call(made: Quarter, group: str, users: Sequence[User]) -> list[CalledRater]:
    """Call people into a group from today on."""
    draft = CallDraft(group, today(), today() + timedelta(days=7))
    opened = make_call(made.scope, made.round, draft)
    call_raters(made.scope, opened, users)
    return list(CalledRater.objects.filter(call=opened).order_by("pk"))


def mark(made: Quarter, rater: CalledRater, item: str, marks: Sequence[str]) -> None:
    """Mark both contractors and hand in."""
    written = {(who, item): mark for who, mark in zip(made.ids, marks, strict=True)}
    save_marks(fresh(rater.user), rater.pk, written, hand_in=True)


def end_calls(made: Quarter) -> None:
    """The last day has passed."""
    yesterday = today() - timedelta(days=1)
    RaterCall.objects.filter(round=made.round).update(
        opens_on=yesterday - timedelta(days=7), ends_on=yesterday
    )


DAY = date(2019, 8, 20)
