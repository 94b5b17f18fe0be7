"""What `minping verify log` takes from others than the operator, and how it tells what they say.

In: options (public keys of witnesses, a policy, a printed root, a timestamp with its authority). Out: the
proofs for `verify_log`, and rows of the table. Texts may be given as such or as files.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from minping_engine.verification import LogReport, OutsideProofs
    from minping_engine.witness import WitnessPolicy

Rows = list[tuple[str, str, str]]


def outside_proofs(
    witnesses: Sequence[str], quorum: int | None, policy: Path | None, printed: str, stamp: Path | None,
    authority: Path | None,
) -> OutsideProofs:  # fmt: skip
    """What the auditor holds, read from the options."""
    from minping_engine.anchors import read_printed
    from minping_engine.verification import OutsideProofs

    if (stamp is None) != (authority is None):
        raise typer.BadParameter("--timestamp + --authority", param_hint="--timestamp")
    return OutsideProofs(
        policy=_policy(witnesses, quorum, policy),
        printed=read_printed(text_of(printed)) if printed else None,
        stamp=stamp.read_bytes() if stamp else None,
        roots=authority.read_bytes() if authority else b"",
        stamp_name=stamp.name if stamp else "",
    )


def _policy(witnesses: Sequence[str], quorum: int | None, policy: Path | None) -> WitnessPolicy | None:
    from minping_engine.witness import quorum_of, read_policy

    if policy is not None:
        if witnesses or quorum is not None:
            raise typer.BadParameter("--policy / --witness + --quorum", param_hint="--policy")
        return read_policy(policy.read_text("utf-8"), policy.name)
    if not witnesses:
        if quorum is not None:
            raise typer.BadParameter("--quorum: --witness", param_hint="--quorum")
        return None
    keys = [text_of(one).partition("\n")[0] for one in witnesses]
    return quorum_of(keys, len(keys) if quorum is None else quorum)


def text_of(value: str) -> str:
    """The text itself, or what stands in the file of that name."""
    try:
        if Path(value).is_file():
            return Path(value).read_text("utf-8").strip()
    except (
        OSError,
        UnicodeDecodeError,
        ValueError,
    ):  # too long for a file's name, or no text: it is read as it is
        pass
    return value


def outside_rows(report: LogReport) -> Rows:
    """Rows of the table: Chinese, English, value."""
    rows: Rows = _to_write_down(report)
    rows += [
        ("见证方签名", "signed by the witness", f"{one.name}  {time_text(one.seconds)}")
        for one in report.cosigned
    ]
    if report.printed_size is not None:
        rows.append(("与纸面的根衔接", "continues the printed root", f"{report.printed_size:,}"))
    if report.stamped is not None:
        stamped = f"{report.stamped.time:%Y-%m-%d %H:%M:%S} UTC  {report.stamped.authority}"
        rows.append(("时间戳", "timestamp", stamped))
    return rows


def _to_write_down(report: LogReport) -> Rows:
    """The root as it may stand on paper, for the next check with `--printed`."""
    from minping_engine.anchors import printed_root
    from minping_engine.proof import Checkpoint

    if report.size is None:
        return []
    printed = printed_root(Checkpoint(report.origin, report.size, report.root))
    return [("可抄录的根", "root to write down", printed.payload)]


def time_text(seconds: int) -> str:
    """A witness's time as people read it; one that no calendar knows as it is."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return str(seconds)
