"""What `minping witness show` prints: key, logs, the latest cosigned checkpoints, what contradicts them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from minping_engine.cli.language import pick
from minping_engine.cli.verify_outside import time_text
from minping_engine.cli.witness.folder import write_file
from minping_engine.cli.witness.memory import Memory
from minping_engine.proof import cosigned_at, parse_note

if TYPE_CHECKING:
    from minping_engine.errors import Language
    from minping_engine.witness import Latest, Witness


def print_witness(witness: Witness, language: Language) -> None:
    """The table."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False, box=None)
    for name, value in _rows(witness, language):
        table.add_row(Text(name), Text(value, overflow="fold"))
    Console().print(table)


def write_evidence(witness: Witness, folder: Path) -> int:
    """Write both checkpoints of each contradiction; gives how many there are."""
    kept = _memory(witness).evidence()
    folder.mkdir(parents=True, exist_ok=True)
    for number, (_, size, note, beside) in enumerate(kept, 1):
        write_file(folder / f"{number:04}-{size}-refused", note)
        write_file(folder / f"{number:04}-{size}-cosigned", beside)
    return len(kept)


def _rows(witness: Witness, language: Language) -> list[tuple[str, str]]:
    latest = _memory(witness).all_latest()
    rows = [(pick(language, "公钥", "public key"), str(witness.key.verifier))]
    for origin in sorted({*witness.logs, *latest}):
        rows.append((pick(language, "日志", "log"), origin))
        rows += _log_rows(witness, latest.get(origin), language)
        if origin not in witness.logs:
            rows.append(("", pick(language, "（已不在名单中）", "(no longer on the list)")))
    kept = _memory(witness).evidence()
    if kept:
        rows.append((pick(language, "矛盾的检查点", "contradicting checkpoints"), f"{len(kept):,}"))
        rows += [("", f"{origin}  {size:,}") for origin, size, _, _ in kept[:20]]
    return rows


def _log_rows(witness: Witness, latest: Latest | None, language: Language) -> list[tuple[str, str]]:
    if latest is None:
        return [("", pick(language, "尚未签过", "nothing signed yet"))]
    note = parse_note(latest.note)
    ours = [line for line in note.lines if line.is_by(witness.key.verifier)] if note else []
    time = time_text(cosigned_at(ours[-1])) if ours else ""
    signed = pick(language, "上次签名", "signed last")
    root = pick(language, "根", "root")
    return [(f"  {signed}", f"{latest.size:,}  {time}"), (f"  {root}", latest.root.hex())]


def _memory(witness: Witness) -> Memory:
    if not isinstance(witness.states, Memory):
        raise TypeError("a witness of the command line keeps its memory in a file")
    return witness.states
