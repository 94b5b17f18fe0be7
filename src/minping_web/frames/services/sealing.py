"""Seal a frame: a Merkle root over salted commitments, two persons, one entry in the ledger.

Canonical order: units by id, which is random, so the order says nothing. A unit's leaf is
`leaf_hash(SHA-256(salt || canonical JSON))` of the record of `record_of`; the root is that of RFC 6962.
Approval marks the frame (no more edits) and queues the work; the job writes leaves, root and ledger entry
in one transaction, so a crash leaves the frame as it was. A frame whose job ended badly becomes a draft
again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minping_engine.errors import Place
from minping_engine.proof import commitment_of, leaf_hash, root_of_hashes
from minping_web.common import approval
from minping_web.common.clock import now
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope, entered
from minping_web.frames.models import Frame, SealedUnit, Unit
from minping_web.frames.services.counting import recount
from minping_web.jobs.rules import Progress
from minping_web.jobs.services import enqueue
from minping_web.ledger.services import stage
from minping_web.ledger.services.committing import committed

ACT = "frames.seal"
SEALED_FIELDS = ("area__code", "house_code", "building", "kind", "instrument", "rater", "special", "excluded")
SHARED_COUNTS = ("units", "household", "organisation", "member", "elderly", "excluded", "asked")
"""Counts by area that the ledger entry commits to; none of them tells of special families."""


def propose_seal(scope: Scope, frame_id: int, *, reason: str) -> Proposal:
    """Ask a second person to seal a draft frame as it is now."""
    frame = _draft(frame_id)
    if not frame.units:
        raise RefusedError.of("frame.empty", Place())
    title = _("Seal the frame “%(name)s”") % {"name": frame.name}
    return approval.propose(scope, ACT, title=title, reason=reason, payload=_as_it_is(frame))


def _as_it_is(frame: Frame) -> dict[str, Any]:
    """What the first person proposes and the second one reads; the version tells whether it moved since."""
    return {
        "frame": frame.pk,
        "version": frame.version,
        "name": frame.name,
        "as_of": frame.as_of.isoformat(),
        "units": frame.units,
        **{name: sum(area[name] for area in frame.counts.values()) for name in ("asked", "excluded")},
    }


def carry_seal(scope: Scope, payload: dict[str, Any]) -> int:
    """What the second person sets going: no more edits, and the job that seals.

    Raises `RefusedError` when anything of the frame changed since it was proposed.
    """
    frame = _draft(payload["frame"])
    if frame.version != payload["version"]:
        raise RefusedError.of("frame.moved_since")
    title = _("Seal the frame “%(name)s”") % {"name": frame.name}
    frame.sealing_job = enqueue(scope, "frames.seal", title=title, frame_id=frame.pk)
    frame.state = Frame.State.SEALING
    frame.save(update_fields=["state", "sealing_job"])
    return frame.sealing_job.pk


def describe(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """What the second person reads: the frame as it was proposed, and whether it moved since."""
    frame = Frame.objects.filter(pk=payload["frame"]).first()
    told = [
        (_("Frame"), payload["name"]),
        (_("As of"), payload["as_of"]),
        (_("Units"), str(payload["units"])),
        (_("Of these in the population"), str(payload["asked"])),
        (_("Excluded"), str(payload["excluded"])),
    ]
    if frame is None or frame.version != payload["version"]:
        told.append(
            (_("Changed since"), _("The frame is not as it was proposed: it cannot be sealed this way."))
        )
    return told


@transaction.atomic
def reopen(scope: Scope, frame_id: int) -> Frame:
    """Make a frame a draft again whose sealing broke off: the approver's account ended, for example."""
    scope.require("frames.seal")
    frame = Frame.objects.select_for_update(of=("self",)).select_related("sealing_job").get(pk=frame_id)
    if not frame.sealing_ended:
        raise RefusedError.of("frame.not_broken_off")
    frame.state, frame.sealing_job = Frame.State.DRAFT, None
    frame.save(update_fields=["state", "sealing_job"])
    return frame


def reopen_failed(scope: Scope) -> int:
    """`reopen` for every frame that needs it; by the clock. Returns how many."""
    waiting = Frame.objects.filter(state=Frame.State.SEALING).select_related("sealing_job")
    broken = [frame.pk for frame in waiting if frame.sealing_ended]
    for frame_id in broken:
        reopen(scope, frame_id)
    return len(broken)


def act() -> approval.Act:
    """The two-person act."""
    return approval.Act(
        ACT, gettext_lazy("Seal a frame"), "frames.seal", carry_seal,
        describe=describe, decided_by="frames.approve_seal",
    )  # fmt: skip


def seal_frame(scope: Scope, frame_id: int, progress: Progress) -> str:
    """Compute and write; running it again on a sealed frame changes nothing. Returns the root in hex."""
    with entered(scope):
        frame = Frame.objects.get(pk=frame_id)
        if frame.root is not None:
            return bytes(frame.root).hex()
        leaves = list(_commitments(frame, progress))
        root = root_of_hashes([leaf_hash(commitment) for _unit, commitment in leaves])
        return _write(frame, leaves, root)


@transaction.atomic
def _write(frame: Frame, leaves: list[tuple[UUID, bytes]], root: bytes) -> str:
    locked = Frame.objects.select_for_update().get(pk=frame.pk)
    if locked.state != Frame.State.SEALING:
        raise RefusedError.of("frame.not_draft")
    SealedUnit.objects.bulk_create(
        (
            SealedUnit(frame=frame, position=position, unit_id=unit_id, commitment=commitment)
            for position, (unit_id, commitment) in enumerate(leaves)
        ),
        batch_size=5000,
    )
    locked.counts = recount(locked)
    locked.root, locked.sealed_at, locked.state = root, now(), Frame.State.SEALED
    locked.units = len(leaves)
    locked.save(update_fields=["counts", "root", "sealed_at", "state", "units"])
    stage("frame.sealed", f"frame-{frame.pk}-sealed", _record(locked))
    return root.hex()


def _commitments(frame: Frame, progress: Progress) -> Iterator[tuple[UUID, bytes]]:
    rows = Unit.objects.filter(frame=frame).order_by("pk").values_list("pk", "salt", *SEALED_FIELDS)
    for number, (unit_id, salt, *values) in enumerate(rows.iterator(chunk_size=5000)):
        if number % 5000 == 0:
            progress(number, frame.units)
        if salt is None:
            # Forgotten before sealing: nothing is left to commit to but its place.
            yield unit_id, commitment_of({"unit": unit_id.hex}, bytes(32))
            continue
        yield unit_id, commitment_of(record_of(unit_id, values), bytes(salt))


def record_of(unit_id: UUID, values: list[str]) -> dict[str, str]:
    """What a unit's leaf commits to."""
    names = [name.partition("__")[0] for name in SEALED_FIELDS]
    return {"unit": unit_id.hex, **dict(zip(names, values, strict=True))}


def _record(frame: Frame) -> dict[str, Any]:
    areas = {key: {name: area[name] for name in SHARED_COUNTS} for key, area in frame.counts.items()}
    return {
        "frame": frame.pk,
        **committed("name", frame.name, step=f"frame-{frame.pk}-sealed"),
        "as_of": frame.as_of.isoformat(),
        "units": frame.units,
        "root": bytes(frame.root or b"").hex(),
        "areas": areas,
    }


def disclosed(frame: Frame) -> Iterator[dict[str, object]]:
    """The list for outsiders: position, unit, area, commitment. With the root it can be checked by anyone."""
    areas = dict(Unit.objects.filter(frame=frame).values_list("pk", "area__code").iterator(chunk_size=10_000))
    for leaf in frame.leaves.order_by("position").iterator(chunk_size=10_000):
        yield {
            "position": leaf.position,
            "unit": leaf.unit_id.hex,
            "area": areas.get(leaf.unit_id, ""),
            "commitment": bytes(leaf.commitment).hex(),
        }


def _draft(frame_id: int) -> Frame:
    frame = Frame.objects.select_for_update().filter(pk=frame_id).first()
    if frame is None or frame.state != Frame.State.DRAFT:
        raise RefusedError.of("frame.not_draft")
    return frame
