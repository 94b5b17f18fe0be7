"""An open round with tokens in a moment, past the wizard: what tests of voting and closing begin with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from minping_engine.snapshot import json_sha256
from minping_web.ballots.models import RoundKey
from minping_web.common.clock import now, today
from minping_web.common.scope import Scope, entered, system_scope
from minping_web.frames.models import Frame, Unit
from minping_web.instruments.models import Instrument, InstrumentVersion
from minping_web.places.models import Area
from minping_web.rounds.models import (
    Invitation,
    RoundArea,
    RoundInstrument,
    RoundStratum,
    SampledUnit,
    SurveyRound,
)
from minping_web.rounds.rules.design import Design
from minping_web.rounds.rules.words import Channel
from minping_web.rounds.services.issuing import invite, issue_tokens, make_batch
from minping_web.rounds.services.secrets import bind_public_key
from minping_web.rounds.services.spending import standing_of
from minping_web.schemes.models import SchemeVersion
from tests.web.factories import SmallDistrict
from tests.web.frames import factory as frames

_numbers = count(1)
FIVE = ((5, "非常满意", "very satisfied"), (4, "满意", "satisfied"), (3, "一般", "fair"),
        (2, "不满意", "dissatisfied"), (1, "非常不满意", "very dissatisfied"))  # fmt: skip
TENURES = ("owner", "tenant")


@dataclass
class OpenRound:
    """An open round: its plain tokens by area and channel, the private key that opens its ballots."""

    round: SurveyRound
    private_key: bytes
    version: InstrumentVersion
    areas: list[Area]
    tokens: dict[int, list[str]] = field(default_factory=dict)
    """area id -> tokens of the first batch, in no order."""
    by_invitation: dict[UUID, list[str]] = field(default_factory=dict)
    """invitation -> its tokens, one for each channel."""

    @property
    def all_tokens(self) -> list[str]:
        """Every token of the first batch."""
        return [token for some in self.tokens.values() for token in some]

    @property
    def token(self) -> str:
        """One token."""
        return self.all_tokens[0]


def content(items: int = 5, **values: Any) -> dict[str, Any]:
    """A questionnaire of five-point items with one question about the household and a comment."""
    return {
        "id": "test-worker", "version": "1", "title": {"zh": "试验问卷", "en": "Test questionnaire"},
        "intro": {
            "who": {"zh": "试验区民政局", "en": "The bureau of the test district"},
            "why": {"zh": "了解服务情况", "en": "To learn about the service"},
            "what_happens": {"zh": "只用于统计", "en": "It is counted only"},
            "object": {"zh": "可拨打电话拒绝", "en": "You may refuse by telephone"},
        },
        "minimum_answered": items - 1,
        "items": [
            {
                "id": f"q{number}", "kind": "scale",
                "text": {"zh": f"第{number}题：您是否满意？", "en": f"Item {number}: are you satisfied?"},
                "answers": [
                    {"code": code, "label": {"zh": zh, "en": en}, "points": 20 * code / 5}
                    for code, zh, en in FIVE
                ],
            }
            for number in range(1, items + 1)
        ],
        "respondent": [{
            "variable": "age_band", "text": {"zh": "您的年龄段", "en": "Your age"},
            "levels": [{"level": n, "label": {"zh": f"第{n}段", "en": f"band {n}"}} for n in range(3)],
        }],
        "comment": {
            "text": {"zh": "您还有什么意见？", "en": "Anything else?"},
            "fields": [{"code": "property", "label": {"zh": "物业保洁", "en": "Property"}},
                       {"code": "safety", "label": {"zh": "安全生产", "en": "Safety"}}],
        },
    } | values  # fmt: skip


def instrument_version(**values: Any) -> InstrumentVersion:
    """A frozen version of a new questionnaire."""
    made = Instrument.objects.create(code=f"test-{next(_numbers)}", title="试验问卷", title_en="Test")
    told = content(**values)
    return InstrumentVersion.objects.create(
        instrument=made, version="1", state=InstrumentVersion.State.FROZEN, content=told,
        sha256=json_sha256(told), made_at=now(), frozen_at=now(),
    )  # fmt: skip


def sealed_frame(areas: Sequence[Area], each: int = 4, *, scope: Scope | None = None) -> Frame:
    """A sealed frame without its leaves: enough for everything but the draw."""
    made = frames.frame(scope or system_scope(), areas, each, name=f"试验抽样框{next(_numbers)}")
    made.state, made.root, made.sealed_at = Frame.State.SEALED, bytes(32), now()
    made.save(update_fields=["state", "root", "sealed_at"])
    return made


def open_round(
    district: SmallDistrict,
    *,
    n: int = 4,
    areas: Sequence[Area] | None = None,
    channels: Sequence[Channel] = (Channel.SMS,),
    version: InstrumentVersion | None = None,
    scheme: SchemeVersion | None = None,
    days: int = 14,
    frame: Frame | None = None,
) -> OpenRound:
    """`n` invited households in each area, each with one token per channel; every second one a tenant."""
    places = list(areas or district.responsibility_areas)
    asked = version or instrument_version()
    listed = frame or sealed_frame(places, each=n)
    made = _round(listed, scheme, days)
    for audience in Design().audiences:
        RoundInstrument.objects.create(round=made, audience=audience, version=asked)
    with entered(system_scope()):
        units = list(Unit.objects.filter(frame=listed, area__in=places).order_by("area_id", "house_code"))
    _sample(made, places, units, n)
    invite(SampledUnit.objects.filter(round=made))
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    RoundKey.objects.create(round=made, public_key=public, key_id=f"test{made.pk}")
    bind_public_key(made.pk, public)
    found = OpenRound(made, private.private_bytes_raw(), asked, places)
    _issue(found, channels)
    return found


def _round(frame: Frame, scheme: SchemeVersion | None, days: int) -> SurveyRound:
    moment = now()
    return SurveyRound.objects.create(
        name=f"试验轮次{next(_numbers)}", period=f"{today().year}Q4", scheme=scheme, frame=frame,
        scheme_id_wanted=scheme.scheme_id if scheme else "gulou-worker",
        level="responsibility_area", subject="community_worker", state=SurveyRound.State.OPEN,
        design=Design().as_json(), opens_at=moment - timedelta(days=1),
        closes_at=moment + timedelta(days=days),
        made_at=moment, fixed_at=moment, drawn_at=moment, opened_at=moment,
    )  # fmt: skip


def _sample(made: SurveyRound, areas: Sequence[Area], units: Sequence[Unit], n: int) -> None:
    """The first `n` units of each area; strata ordinary 0 and special 1, cells by tenure in turn."""
    rows: list[SampledUnit] = []
    cells: dict[tuple[int, int, str], int] = {}
    by_area: dict[int, list[Unit]] = {}
    for unit in units:
        by_area.setdefault(unit.area_id, []).append(unit)
    for area in areas:
        for place, unit in enumerate(by_area.get(area.pk, [])[:n], 1):
            stratum, cell = int(bool(unit.special)), f"tenure={place % 2}"
            cells[area.pk, stratum, cell] = cells.get((area.pk, stratum, cell), 0) + 1
            rows.append(SampledUnit(
                round=made, unit_id=unit.pk, area=area, stratum=stratum, place=place, released=True,
                audience=unit.instrument, frame_cell=cell, mode=Channel.SMS,
            ))  # fmt: skip
    SampledUnit.objects.bulk_create(rows, batch_size=5000)
    RoundArea.objects.bulk_create(_area_rows(made, areas, rows))
    RoundStratum.objects.bulk_create(
        RoundStratum(round=made, area_id=area, stratum=stratum, name=("ordinary", "special")[stratum],
                     frame_cell=cell, eligible=number, drawn=number)
        for (area, stratum, cell), number in cells.items()
    )  # fmt: skip


def _area_rows(made: SurveyRound, areas: Sequence[Area], rows: Sequence[SampledUnit]) -> list[RoundArea]:
    drawn = Counter(row.area_id for row in rows)
    return [
        RoundArea(round=made, area=area, wanted=drawn[area.pk], eligible=drawn[area.pk], drawn=drawn[area.pk])
        for area in areas
    ]


def _issue(found: OpenRound, channels: Sequence[Channel]) -> None:
    area_of = dict(Invitation.objects.filter(round=found.round).values_list("pk", "area_id"))
    for place, channel in enumerate(channels):
        batch = make_batch(found.round.pk, channel, f"第{place + 1}批")
        for issued in issue_tokens(batch, list(area_of)):
            found.by_invitation.setdefault(issued.invitation_id, []).append(issued.token)
            if place == 0:
                found.tokens.setdefault(area_of[issued.invitation_id], []).append(issued.token)


def takes_votes(round_id: int) -> bool:
    """Whether a vote that is sent now would be in time."""
    standing = standing_of(round_id, 0)
    return standing is not None and standing.takes_votes(now())
