"""A round's record in the log, followed from its publication back to its frame (S104)."""

from __future__ import annotations

from typing import Any

from minping_web.ledger.models import StagedEntry

Record = dict[str, Any]


def records(kind: str) -> list[tuple[str, Record]]:
    """(step, record) of a kind, oldest first."""
    rows = StagedEntry.objects.filter(kind=kind).order_by("pk")
    return [(one.step_id, one.record or {}) for one in rows]


def one(kind: str, **known: object) -> Record:
    """The newest record of a kind that says just this; KeyError names what is not there."""
    for _step, record in reversed(records(kind)):
        if all(record.get(key) == value for key, value in known.items()):
            return record
    raise KeyError(kind, known)


def walk(round_id: int) -> dict[str, Record]:
    """Kind -> record of one round; every link is followed by what the records themselves say."""
    made = {"publication.made": one("publication.made", round=round_id)}
    result = made["assessment.result"] = one(
        "assessment.result", result_sha256=made["publication.made"]["result_sha256"]
    )
    version = made["snapshot.version"] = one("snapshot.version", snapshot_sha256=result["snapshot_sha256"])
    for step in version["causes"]:
        found = StagedEntry.objects.get(step_id=step)
        made[found.kind] = found.record or {}
    counted = made["round.counted"] = one("round.counted", snapshot_sha256=version["parent_sha256"])
    made["scheme.frozen"] = one("scheme.frozen", package=result["scheme_sha256"])
    fixed = made["round.fixed"] = one("round.fixed", round=counted["round"])
    asked = next(iter(fixed["questionnaires"].values()))
    made["instrument.frozen"] = one("instrument.frozen", content=asked["sha256"])
    frame = made["frame.sealed"] = one("frame.sealed", frame=fixed["frame"])
    made["draw.seed_named"] = one("draw.seed_named", frame_root=frame["root"])
    opened = made["round.opened"] = one("round.opened", round=counted["round"])
    made["draw.made"] = one("draw.made", drawn_sha256=opened["drawn_sha256"])
    made["round.closing"] = one("round.closing", round=counted["round"])
    return made
