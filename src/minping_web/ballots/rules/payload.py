"""What a sealed ballot holds, and how it is read back at closing.

Everything that the snapshot needs and nothing that names a household: the area and the cells of the frame
are as coarse as the snapshot's own columns. 32 random bytes make equal answers unequal and serve as the
salt of the ballot's commitment.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from minping_web.instruments.rules.questionnaire import Given

NONCE_BYTES = 32


@dataclass(frozen=True)
class Circumstances:
    """What is known of a ballot beside its answers."""

    instrument: str
    """`ID@VERSION`."""
    area_id: int
    stratum: int = 0
    frame_cell: str = ""
    mode_used: int = 0
    mode_assigned: int = 0
    randomised: bool = False
    cluster: str = ""
    batch: str = ""


def payload_of(given: Given, about: Circumstances) -> dict[str, Any]:
    """The record that is sealed; JSON without floats."""
    return {
        "instrument": about.instrument,
        "answers": dict(given.items),
        "about": dict(given.about),
        "help": given.help,
        "comment": given.comment,
        "fields": list(given.fields),
        "mode_used": about.mode_used,
        "mode_assigned": about.mode_assigned,
        "randomised": about.randomised,
        "cluster": about.cluster,
        "batch": about.batch,
        "area": about.area_id,
        "stratum": about.stratum,
        "frame_cell": about.frame_cell,
        "nonce": secrets.token_hex(NONCE_BYTES),
    }


def read_payload(payload: dict[str, Any]) -> tuple[Given, Circumstances]:
    """Back again; raises KeyError, TypeError or ValueError for what `payload_of` did not make."""
    given = Given(
        items={str(name): None if code is None else int(code) for name, code in payload["answers"].items()},
        about={str(name): int(level) for name, level in payload["about"].items()},
        help=int(payload["help"]),
        comment=str(payload["comment"]),
        fields=tuple(str(one) for one in payload["fields"]),
    )
    about = Circumstances(
        instrument=str(payload["instrument"]),
        area_id=int(payload["area"]),
        stratum=int(payload["stratum"]),
        frame_cell=str(payload["frame_cell"]),
        mode_used=int(payload["mode_used"]),
        mode_assigned=int(payload["mode_assigned"]),
        randomised=bool(payload["randomised"]),
        cluster=str(payload["cluster"]),
        batch=str(payload["batch"]),
    )
    return given, about
