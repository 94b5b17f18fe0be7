"""The one transaction that makes a count final: receipts, originals, register, ledger, state `logged`.

Receipts are inserted in sorted order, originals by random id: neither says when or beside whom a ballot came.
The ledger's record holds what everybody may read afterwards: counts and roots of every area.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Count, Q

from minping_engine.errors import Place
from minping_engine.verification import receipts_root, root_over_areas
from minping_web.ballots.models import CountedReceipt, RoundClosing, SealedComment
from minping_web.ballots.rules.words import ClosingState
from minping_web.ballots.services.originals import seal_original
from minping_web.common.clock import now
from minping_web.common.crypto import keyring
from minping_web.common.problems import RefusedError
from minping_web.ledger.services import stage
from minping_web.ledger.services.committing import committed
from minping_web.rounds.models import Invitation
from minping_web.rounds.services.ending import mark_closed
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.rules.columns import Comment
from minping_web.snapshots.selectors.facts import RoundFacts
from minping_web.snapshots.services.bulk import insert_rows
from minping_web.snapshots.services.counting import Counted
from minping_web.snapshots.services.writing import Written

ENTRY = "round.counted"
EMPTY = bytes(32).hex()


def step_of(round_id: int) -> str:
    """Name of the step in the ledger."""
    return f"round-{round_id}-counted"


def area_counts(
    facts: RoundFacts, counted: Counted, roots: Mapping[str, str], withheld: Mapping[int, int]
) -> list[dict[str, Any]]:
    """Each area's drawn >= spent >= ballots = receipts, with both roots; raises where it does not hold.

    Of its ballots `withheld` are not released: the root over ballots is that of the others.
    """
    found = {target: (len(some), receipts_root(some)) for target, some in counted.receipts.by_target()}
    invited = _invited(facts.round.pk)
    rows = []
    for target, area in enumerate(facts.areas):
        drawn, spent = invited.get(area.pk, (0, 0))
        ballots, root = found.get(target, (0, b""))
        if ballots > spent:
            raise RefusedError.of("closing.area_exceeds", Place(), area=area.code)
        rows.append({
            "area": area.code, "drawn": drawn, "spent": spent, "ballots": ballots,
            "withheld": withheld.get(target, 0), "ballots_root": roots.get(str(target), ""),
            "receipts_root": root.hex(),
        })  # fmt: skip
    return rows


def _invited(round_id: int) -> dict[int, tuple[int, int]]:
    rows = Invitation.objects.filter(round_id=round_id).values("area_id").order_by()
    counted = rows.annotate(drawn=Count("pk"), spent=Count("pk", filter=Q(spent_token__isnull=False)))
    return {row["area_id"]: (row["drawn"], row["spent"]) for row in counted}


@transaction.atomic
def enter_count(facts: RoundFacts, counted: Counted, written: Written, rows: list[dict[str, Any]]) -> None:
    """All of it or nothing. Raises `RefusedError` if another run of the same closing was quicker."""
    closing = RoundClosing.objects.select_for_update(of=("self",)).get(pk=facts.round.pk)
    if closing.state != ClosingState.WRITTEN or closing.snapshot_sha256 != written.sha256:
        raise RefusedError.of("closing.another_run")
    _insert_receipts(facts, counted)
    _insert_originals(facts, written)
    _register(facts, counted, written)
    stage(ENTRY, step_of(facts.round.pk), record_of(facts, counted, written, rows))
    closing.state, closing.logged_at, closing.counts = ClosingState.LOGGED, now(), rows
    closing.n_slots, closing.n_counted = counted.slots, counted.ballots
    closing.n_invalid, closing.n_set_aside = counted.invalid, counted.set_aside
    closing.save()
    mark_closed(facts.round.pk)


def record_of(
    facts: RoundFacts, counted: Counted, written: Written, rows: list[dict[str, Any]]
) -> dict[str, Any]:
    """What the ledger commits to; published beside the receipts once it is sealed."""
    return {
        "round": facts.round.pk,
        **committed("name", facts.round.name, step=step_of(facts.round.pk)),
        "period": facts.round.period,
        "snapshot_sha256": written.sha256,
        "slots": counted.slots,
        "counted": counted.ballots,
        "withheld": sum(written.withheld.values()),
        "invalid": counted.invalid,
        "set_aside": counted.set_aside,
        "ballots_root": _joint(rows, "ballots_root"),
        "receipts_root": _joint(rows, "receipts_root"),
        "areas": rows,
    }


def _joint(rows: list[dict[str, Any]], name: str) -> str:
    roots = {row["area"]: bytes.fromhex(row[name]) for row in rows if row[name]}
    return root_over_areas(roots).hex() if roots else EMPTY


def _insert_receipts(facts: RoundFacts, counted: Counted) -> None:
    areas, number = [area.pk for area in facts.areas], facts.round.pk
    found = ((number, areas[target], one) for one, target in counted.receipts.in_order())
    insert_rows(CountedReceipt, ("round_id", "area_id", "receipt"), found)


def _insert_originals(facts: RoundFacts, written: Written) -> None:
    """One at a time is open and sealed; ids are random and stand in their order."""
    columns = ("id", "round_id", "area_id", "comment_number", "sealed")
    numbered = zip(_random_ids(len(written.originals)), written.originals, strict=True)
    insert_rows(SealedComment, columns, (_original(facts, number, *one) for number, one in numbered))


def _random_ids(n: int) -> Iterator[uuid.UUID]:
    """Sorted; as bytes until they are asked for."""
    ids = np.frombuffer(os.urandom(16 * n), "S16") if n else np.empty(0, "S16")
    for place in np.argsort(ids):
        yield uuid.UUID(bytes=ids[place : place + 1].tobytes(), version=4)


def _original(facts: RoundFacts, number: uuid.UUID, copy: int, one: Comment) -> tuple[object, ...]:
    key = number if connection.features.has_native_uuid_field else number.hex
    sealed = seal_original(number, one.text, one.fields, keyring())
    return key, facts.round.pk, facts.areas[one.target].pk, copy, sealed


def _register(facts: RoundFacts, counted: Counted, written: Written) -> None:
    SealedSnapshot.objects.create(
        round=facts.round,
        sha256=written.sha256,
        folder=written.folder.name,
        period=facts.round.period,
        ballots=sum(table.num_rows for _instrument, table in written.parts),
        made_at=now(),
    )
