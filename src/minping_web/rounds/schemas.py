"""What the API says about rounds: plans and counts. No unit, no token; small numbers are masked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from minping_web.common.rest import Listing, Moment, Paged, Reference, Sent, example, listed
from minping_web.rounds.models import SurveyRound

ROUND = {
    "id": 7, "name": "2026年第四季度", "period": "2026Q4", "state": "open", "pilot": False,
    "scheme": "gulou-worker", "frame": 4, "level": "responsibility_area", "subject": "community_worker",
    "opens_at": "2026-11-25T08:00:00+08:00", "closes_at": "2026-12-09T20:00:00+08:00",
    "seed_source": "双色球第2026135期", "seed_on": "2026-11-24", "seed_value": "07 11 15 22 28 31 09",
    "drawn_sha256": "9f2c" * 16,
}  # fmt: skip
AREA = {"id": 71, "code": "320106001001-01-1", "name": "第一网格责任片"}


StateWord = Annotated[SurveyRound.State, listed(SurveyRound.State)]


class RoundFilters(Paged):
    """Which rounds."""

    state: StateWord | None = None
    opened_since: Moment | None = None


class RoundOut(Sent):
    """One survey round. `seed_value` is empty before its public draw took place."""

    model_config = example(**ROUND)

    id: int
    name: str
    period: str
    state: str
    pilot: bool
    scheme: str
    frame: int
    level: str
    subject: str
    opens_at: datetime
    closes_at: datetime
    seed_source: str
    seed_on: date | None
    seed_value: str
    drawn_sha256: str = Field(description="SHA-256 of the drawn list, as the transparency log holds it.")

    @classmethod
    def of(cls, row: SurveyRound) -> RoundOut:
        """One round."""
        return cls(
            id=row.pk, name=row.name, period=row.period, state=row.state, pilot=row.is_pilot,
            scheme=row.scheme_id_wanted, frame=row.frame_id, level=row.level, subject=row.subject,
            opens_at=row.opens_at, closes_at=row.closes_at, seed_source=row.seed_source,
            seed_on=row.seed_on, seed_value=row.seed_value, drawn_sha256=row.draw_sha256,
        )  # fmt: skip


class RoundList(Listing[RoundOut]):
    """One page of rounds."""

    model_config = example(items=[], next=None)


class RoundAreaOut(Sent):
    """One rated area: what was drawn and how many voted. While votes are taken `voted` goes in steps of five,
    null below five. Afterwards it is exact, null for one to four, and null where a larger number would give
    a hidden one away by subtraction."""

    model_config = example(
        area=AREA, eligible=412, drawn=300, wanted=100, voted=85, stopped=False, voided=False
    )

    area: Reference
    eligible: int
    drawn: int
    wanted: int | None
    voted: int | None
    stopped: bool
    voided: bool


class RoundAreaList(Listing[RoundAreaOut]):
    """One page of areas."""

    model_config = example(items=[], next=None)
