"""Who else vouches for a year's log: the policy of its witnesses and the timestamps that lie in the folder.

The policy file is proved by the newest opened `ledger.policy` record; who holds keys of witnesses himself
gives them apart, and then these count. A timestamp lies beside the checkpoint that it is of.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from minping_engine.anchors import check_timestamp
from minping_engine.errors import InputError, MinpingError, Problem, SetupError, Severity
from minping_engine.proof import FolderStore, open_checkpoint, root_of, verifier_key
from minping_engine.verification.yearly.found import Found
from minping_engine.verification.yearly.layout import LOG, POLICY, POLICY_SET, STAMPS
from minping_engine.verification.yearly.records import YearRecords
from minping_engine.witness import WitnessPolicy, check_policy, read_policy

ROOTS, STAMP, NOTE = "roots.pem", ".tsr", ".checkpoint"


def policy_of(folder: Path) -> WitnessPolicy | None:
    """The policy that lies in the folder; None without one that can be read."""
    try:
        return read_policy((folder / POLICY).read_text("utf-8"), POLICY)
    except (OSError, ValueError, MinpingError):
        return None


def check_policy_file(folder: Path, records: YearRecords) -> Found:
    """The policy is the one that was entered last."""
    found, logged = Found(), records.of(POLICY_SET)
    there = (folder / POLICY).is_file()
    if not logged and not there:
        return found
    text = (folder / POLICY).read_bytes() if there else b""
    stated = str(logged[-1].record["policy_sha256"]) if logged else "–"
    if sha256(text).hexdigest() != stated:
        found.add("year.not_as_logged", POLICY, hash=stated)
    else:
        found.proved.add(POLICY)
    return found


def check_stamps(folder: Path, key: str, size: int, roots: bytes) -> Found:
    """Every timestamp: of a signed checkpoint that this log continues, by an authority that is trusted."""
    found, home = Found(), folder / STAMPS
    if not home.is_dir():
        return found
    trusted = roots or _read(home / ROOTS)
    for file in sorted(home.glob(f"*{STAMP}")):
        name = f"{STAMPS}/{file.name}"
        try:
            _check_stamp(folder, file, (key, size, trusted), found)
        except SetupError as error:  # the extra library is not installed: said, not hidden
            found.problems += [_as_note(one) for one in error.problems]
            return found
        except (InputError, MinpingError) as error:
            found.take(error, STAMPS)
        else:
            found.count("timestamps")
            found.proved |= {name, f"{STAMPS}/{file.stem}{NOTE}"}
    return found


def _check_stamp(folder: Path, file: Path, how: tuple[str, int, bytes], found: Found) -> None:
    key, size, roots = how
    note_name = f"{file.stem}{NOTE}"
    content = _read(file.with_name(note_name))
    note = open_checkpoint(content, verifier_key(key), note_name)
    if note.size > size or root_of(FolderStore(folder / LOG), note.size) != note.root:
        found.add("year.stamp_other_history", f"{STAMPS}/{note_name}", size=note.size)
    check_timestamp(file.read_bytes(), note.text, roots, file.name)


def witnessed(folder: Path, policy: WitnessPolicy | None) -> list[str]:
    """Names of the witnesses that signed the checkpoint of the folder."""
    if policy is None or not (folder / LOG / "checkpoint").is_file():
        return []
    return [one.name for one in check_policy((folder / LOG / "checkpoint").read_bytes(), policy).cosigned]


def _read(file: Path) -> bytes:
    return file.read_bytes() if file.is_file() else b""


def _as_note(problem: Problem) -> Problem:
    return Problem(problem.code, problem.place, problem.params, Severity.WARNING)
