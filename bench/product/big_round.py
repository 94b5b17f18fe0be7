"""A round of full size: its codes issued, all households have voted, and it is closed.

The district is the small one of the tests with more rated areas; invitations, votes and their marks are put
in past the product, in bulk, since only issuing and closing are measured here. Closing runs in a process of
its own, so that its greatest memory is told by the kernel.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bench.product.meter import Figure, Spent, spent_on

PER_AREA = 300
INSERT_ROWS = 2_000


def measure_big_round(folder: Path, units: int) -> list[dict[str, Any]]:
    """Issue and close; rows of the table."""
    ready = _round(units)
    issued: list[Any] = []
    spent = spent_on(partial(_issue, ready, issued))
    _vote(ready, issued)
    _end(ready)
    told = folder / "closed.json"
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "bench.product.big_round", str(ready.round.pk), str(told)], check=True
    )
    closed = {"name": f"close {units:,} ballots", "wall": time.perf_counter() - started}
    return [
        {"name": f"issue {units:,} codes", "wall": spent.wall, "work": spent.work, "memory": None},
        {**json.loads(told.read_text("utf-8")), **closed},
    ]


def _round(units: int) -> Any:
    from minping_web.rounds.models import Invitation, RoundArea, RoundStratum
    from tests.web import factories
    from tests.web.rounds.factory import open_round

    district = factories.small_district()
    ready = open_round(district, n=1, areas=district.responsibility_areas[:1], channels=())
    for at in range(-(-units // PER_AREA)):
        area = factories.area("responsibility_area", f"第{at}责任田", district.grids[0])
        number = min(PER_AREA, units - at * PER_AREA)
        RoundArea.objects.create(round=ready.round, area=area, wanted=number, eligible=number, drawn=number)
        RoundStratum.objects.create(
            round=ready.round, area=area, stratum=0, name="ordinary", frame_cell="tenure=0",
            eligible=number, drawn=number,
        )  # fmt: skip
        Invitation.objects.bulk_create(
            Invitation(
                round=ready.round, unit_id=uuid.uuid4(), area=area, audience="young", frame_cell="tenure=0",
                mode_assigned=1,
            )
            for _ in range(number)
        )  # fmt: skip
    return ready


def _issue(ready: Any, issued: list[Any]) -> None:
    from minping_web.rounds.models import Invitation
    from minping_web.rounds.rules.words import Channel
    from minping_web.rounds.services.issuing import issue_tokens, make_batch

    invited = list(Invitation.objects.filter(round=ready.round).values_list("pk", flat=True))
    issued.extend(issue_tokens(make_batch(ready.round.pk, Channel.SMS, "全部"), invited))


def _vote(ready: Any, issued: list[Any]) -> None:
    """Everybody, sealed as `cast` seals."""
    from django.db import connection

    from minping_web.ballots.models import BallotSlot
    from minping_web.rounds.models import Invitation, InvitationToken
    from minping_web.rounds.rules.words import Channel, TokenState

    _give_keys(ready)
    area_of = dict(Invitation.objects.filter(round=ready.round).values_list("pk", "area_id"))
    slots = _slots(ready, issued, area_of)
    while some := [slot for _, slot in zip(range(INSERT_ROWS), slots, strict=False)]:
        BallotSlot.objects.bulk_create(some)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE rounds_invitation SET spent_mode = %s, spent_day = CURRENT_DATE, spent_token = "
            "(SELECT t.id FROM rounds_invitationtoken t WHERE t.invitation_id = rounds_invitation.id) "
            "WHERE round_id = %s",
            [int(Channel.SMS), ready.round.pk],
        )
        cursor.execute("ANALYZE")
    InvitationToken.objects.filter(invitation__round=ready.round).update(state=TokenState.USED)


def _give_keys(ready: Any) -> None:
    from tests.web.snapshots import factory

    ready.keepers = factory.three_keepers()
    factory.reseal(ready)


def _slots(ready: Any, issued: list[Any], area_of: dict[Any, int]) -> Iterator[Any]:
    from minping_web.ballots.models import BallotSlot, RoundKey
    from minping_web.ballots.rules.payload import Circumstances, payload_of
    from minping_web.ballots.rules.sealing import seal
    from minping_web.instruments.rules.questionnaire import Given
    from minping_web.rounds.rules.words import Channel
    from minping_web.rounds.services.secrets import secrets_of

    keys, number = secrets_of(ready.round.pk), ready.round.pk
    if keys is None:
        raise RuntimeError("issuing makes the keys")
    public = bytes(RoundKey.objects.get(pk=number).public_key)
    for at, one in enumerate(issued):
        given = Given({f"q{item}": (at + item) % 5 + 1 for item in range(1, 6)}, {"age_band": at % 3})
        about = Circumstances(
            "test-worker@1", area_of[one.invitation_id], 0, "tenure=0", int(Channel.SMS), int(Channel.SMS)
        )
        h2 = keys.h2(one.token)
        sealed = seal(public, number, h2, payload_of(given, about))
        yield BallotSlot(h2=h2, round_id=number, form_mac=os.urandom(16), sealed=sealed)


def _end(ready: Any) -> None:
    from minping_web.ballots.rules.words import Body
    from tests.web.snapshots import factory

    factory.end_voting(ready, ready.keepers)
    factory.bring(ready, ready.keepers[Body.BUREAU], ready.keepers[Body.AUDITOR])


def main() -> None:
    """Close a round in this process: `python -m bench.product.big_round ROUND OUT`."""
    import django

    django.setup()
    from tests.web.snapshots.factory import Quiet

    close: Callable[..., Any] = _close()
    spent: Spent = spent_on(lambda: close(int(sys.argv[1]), Quiet()))
    figure = Figure("close", (spent,))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"work": figure.least_work, "memory": memory}
    Path(sys.argv[2]).write_text(json.dumps(told), "utf-8")


def _close() -> Callable[..., Any]:
    from minping_web.snapshots.services.closing import close_round

    return close_round


if __name__ == "__main__":
    main()
