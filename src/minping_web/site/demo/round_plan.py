"""Which rounds the demonstration holds, how large they are, and who acts in them.

Eight earlier quarters are taken over (`history_seed`). The first round of its own follows them and is brought
to its end; the second one is open, so that visitors can vote in it and watch.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from minping_web.access.selectors import scope_of
from minping_web.accounts.models import User
from minping_web.common.clock import now
from minping_web.common.scope import Scope
from minping_web.rounds.models import SurveyRound
from minping_web.site.demo.accounts import account_of

SCHEME, QUESTIONNAIRE, QUARTER = "gulou-worker", "gulou-worker", "2020Q4"
"""`QUARTER`: the engine's last one; households of both rounds answer as they do in it."""
BUREAU, SECOND, THIRD = "district_bureau", "district_bureau-2", "district_bureau-3"
FIRM, AUDITOR = "survey_manager", "auditor"
OPEN_FOR = timedelta(days=14)


@dataclass(frozen=True)
class RoundSize:
    """How much the demonstration's rounds ask; the last quarter's frame covers `communities`."""

    communities: int = 2
    per_area: int = 140
    open_per_area: int = 16
    history: int = 8
    """Earlier quarters of two pilot streets that are taken over."""


@dataclass(frozen=True)
class RoundPlan:
    """One round. `voted`: the share of those who will vote that have done so; `story_only`: one community."""

    name: str
    period: str
    voted: float
    ends: bool
    story_only: bool

    def found(self) -> SurveyRound | None:
        """The round, once it was made."""
        return SurveyRound.objects.filter(name=self.name).order_by("pk").first()

    def per_area(self, size: RoundSize) -> int:
        """Households drawn in each area."""
        return size.per_area if self.ends else size.open_per_area


LAST = RoundPlan("2021年第一季度（演示）", "2021Q1", 1.0, ends=True, story_only=False)
RUNNING = RoundPlan("2021年第二季度（演示）", "2021Q2", 0.45, ends=False, story_only=True)


def acting(key: str) -> Scope:
    """An invented account at work, with a second factor: it stands for the person who would give one."""
    account = account_of(key)
    assert account is not None
    return scope_of(User.objects.get(username=account.username), second_factor_at=now())


def demo_folder() -> Path:
    """What the demonstration hands to its visitors: key files of invented custodians, a few paper codes."""
    folder = Path(settings.DATA_FOLDER) / "demo"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
