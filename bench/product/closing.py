"""Closing a round: `python -m bench.product.closing DATABASE BALLOTS [BALLOTS ...]`.

Seeds an invented round of 1,076 areas whose households all voted, three in ten with a comment, then closes it
in a fresh process, as a worker does. A line of figures for each: seconds by the wall and of the processor at
each step, of the second process, and the peak of memory before and after.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bench.product.world import deployment

AREAS, COMMUNITIES, STREETS = 1_076, 120, 13
COMMENT = "楼道的灯坏了三个月，找过李师傅，电话13812345678，希望社区早点修好。"
AT_ONCE = 5_000


class Asked:
    """What households were asked, and what they said: five items of five steps."""

    scheme: Any = None
    levels: Mapping[str, int] = MappingProxyType({"age_band": 3})

    def version(self) -> Any:
        """The frozen questionnaire."""
        from tests.web.rounds.factory import instrument_version

        return instrument_version()

    def items(self, at: int) -> dict[str, int]:
        """The answers of one household."""
        return {f"q{number}": 1 + (at + number) % 5 for number in range(1, 6)}


def seed_round(ballots: int, asked: Asked | None = None) -> int:
    """An open round in which `ballots` households voted; its number. The private key is left in its file."""
    from datetime import timedelta

    from minping_web.ballots.models import RoundClosing, RoundKey
    from minping_web.ballots.rules.custody import key_id, new_pair
    from minping_web.ballots.rules.words import ClosingState
    from minping_web.ballots.services.key_files import write_private
    from minping_web.common.clock import now
    from minping_web.rounds.models import RoundInstrument, SurveyRound
    from minping_web.rounds.services.secrets import make_secrets
    from tests.web.rounds import factory

    asked = asked or Asked()
    areas = _areas()
    frame = factory.sealed_frame(areas[:2], each=1)
    made = factory._round(frame, asked.scheme, 14)
    SurveyRound.objects.filter(pk=made.pk).update(
        state=SurveyRound.State.CLOSING, ended_at=now(), closes_at=now() - timedelta(hours=1)
    )
    version = asked.version()
    RoundInstrument.objects.create(round=made, audience="any", version=version)
    make_secrets(made.pk)
    private, public = new_pair()
    RoundKey.objects.create(round=made, public_key=public, key_id=key_id(public))
    RoundClosing.objects.create(round=made, state=ClosingState.CLOSING)
    write_private(made.pk, private)
    _fill_areas(made.pk, [area.pk for area in areas], ballots)
    slots = _slots(made.pk, [area.pk for area in areas], ballots, _Said(asked, version, public))
    _fill_slots(made.pk, slots)
    return int(made.pk)


def _areas() -> list[Any]:
    from tests.web.factories import area

    city = area("city", "量测市")
    district = area("district", "量测区", city)
    streets = [area("street", f"量测{n}街道", district) for n in range(STREETS)]
    communities = [area("community", f"量测{n}社区", streets[n % STREETS]) for n in range(COMMUNITIES)]
    return [area("responsibility_area", f"量测{n}片", communities[n % COMMUNITIES]) for n in range(AREAS)]


def _fill_areas(round_id: int, areas: list[int], ballots: int) -> None:
    from minping_web.common.clock import today
    from minping_web.rounds.models import Invitation, RoundArea, RoundStratum

    each = [ballots // AREAS + (at < ballots % AREAS) for at in range(AREAS)]
    RoundArea.objects.bulk_create(
        RoundArea(round_id=round_id, area_id=area, wanted=n, eligible=n, drawn=n)
        for area, n in zip(areas, each, strict=True)
    )
    RoundStratum.objects.bulk_create(
        RoundStratum(round_id=round_id, area_id=area, stratum=0, name="all", frame_cell=f"tenure={tenure}",
                     eligible=n, drawn=(n + 1 - tenure) // 2)
        for area, n in zip(areas, each, strict=True) for tenure in (0, 1)
    )  # fmt: skip
    import uuid

    day = today()
    invited = (
        Invitation(round_id=round_id, unit_id=uuid.uuid4(), area_id=areas[at % AREAS], audience="any",
                   frame_cell=f"tenure={at // AREAS % 2}", mode_assigned=3, spent_token=uuid.uuid4(),
                   spent_mode=3 + at // AREAS % 3, spent_day=day)
        for at in range(ballots)
    )  # fmt: skip
    while some := list(islice(invited, AT_ONCE)):
        Invitation.objects.bulk_create(some)


def _fill_slots(round_id: int, slots: Iterator[tuple[bytes, bytes]]) -> None:
    from minping_web.ballots.models import BallotSlot

    while rows := list(islice(slots, AT_ONCE)):
        BallotSlot.objects.bulk_create(
            BallotSlot(round_id=round_id, h2=h2, form_mac=bytes(16), sealed=sealed) for h2, sealed in rows
        )


@dataclass(frozen=True)
class _Said:
    """The questionnaire, what is said in it, and the key that seals it."""

    asked: Asked
    version: Any
    public: bytes

    @property
    def name(self) -> str:
        """As ballots name it."""
        return "{id}@{version}".format_map(self.version.content)


def _slots(round_id: int, areas: list[int], ballots: int, said: _Said) -> Iterator[tuple[bytes, bytes]]:
    from minping_web.ballots.rules.payload import Circumstances, payload_of
    from minping_web.ballots.rules.sealing import seal
    from minping_web.instruments.rules.questionnaire import Given

    for at in range(ballots):
        turn = at // AREAS
        given = Given(
            items=said.asked.items(at), about={name: turn % n for name, n in said.asked.levels.items()},
            comment=COMMENT if at % 10 < 3 else "",
        )  # fmt: skip
        about = Circumstances(said.name, areas[at % AREAS], 0, f"tenure={turn % 2}", 3 + turn % 3, 3)
        h2 = os.urandom(32)
        yield h2, seal(said.public, round_id, h2, payload_of(given, about))


def close_one(round_id: int) -> None:
    """In a process of its own: close and print what it took."""
    import django

    django.setup()
    from minping_web.snapshots.services.closing import close_round
    from tests.web.snapshots.factory import Quiet

    Path("/proc/self/clear_refs").write_text("5", "ascii")  # forget the peak that was inherited
    before, steps, begun = _peak(), dict[str, list[float]](), time.perf_counter()

    def reached(step: str) -> None:
        steps[step] = [round(time.perf_counter() - begun, 1), round(time.process_time(), 1)]

    result = close_round(round_id, Quiet(), reached)
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps({
        "result": result, "steps": steps, "wall": round(time.perf_counter() - begun, 1),
        "cpu": round(time.process_time(), 1), "second_cpu": round(child.ru_utime + child.ru_stime, 1),
        "before_mb": before, "peak_mb": _peak(),
    }))  # fmt: skip


def _peak() -> int:
    """Most memory since the start or since it was forgotten, in MB."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def main() -> None:
    """Measure as asked."""
    if sys.argv[1] == "--close":
        close_one(int(sys.argv[2]))
        return
    database, *sizes = sys.argv[1:]
    with deployment(database):
        for size in sizes:
            begun = time.perf_counter()
            round_id = seed_round(int(size))
            print(f"{database} {size}: seeded in {time.perf_counter() - begun:.0f} s", flush=True)
            done = subprocess.run([sys.executable, "-m", "bench.product.closing", "--close", str(round_id)],
                                  check=True, capture_output=True, text=True)  # fmt: skip
            print(f"{database} {size}: {done.stdout.strip()}", flush=True)


if __name__ == "__main__":
    main()
