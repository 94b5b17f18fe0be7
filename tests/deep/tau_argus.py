"""Tau-Argus as an auditor that others wrote: tables as a JJ file, its intervals and its optimum back.

Each job runs in a process of its own, for the engine behind it is not made for threads. Tests skip where
the package is not installed (group `dev`; wheels for Linux, macOS and Windows).
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from minping_engine.disclosure import Protected, Reason
from minping_engine.disclosure.suppress import wanted_width

AUDIT = (
    "import json, sys; from pytauargus._tauargus import audit_jj; print(json.dumps(audit_jj(sys.argv[1])))"
)
OPTIMUM = (
    "import sys; from pytauargus import HiTaSCtrl; "
    "print(HiTaSCtrl().full_jj(in_file_jj=sys.argv[1], out_file=sys.argv[2], max_time=int(sys.argv[3])))"
)


def write_jj(
    safe: Protected, path: Path, *, with_complements: bool = True, equal_weights: bool = False
) -> None:
    """The tables as cells and equations: u hidden for itself, m hidden for others, s shown."""
    system, lines = safe.system, ["0", str(len(safe.system.keys))]
    for number, (key, cell) in enumerate(zip(system.keys, system.cells, strict=True)):
        reason = safe.hidden.get(key)
        status, spread = "s", (0, 0, 0.0)
        if reason is Reason.COMPLEMENT:
            status = "m" if with_complements else "s"
        elif reason is not None:
            status, spread = "u", (min(1, cell.value), 1, wanted_width(cell, safe.limits))
        most = cell.most if cell.most is not None else 10 * cell.value + 1_000_000
        weight = 1 if equal_weights else max(cell.value, 1)
        lines.append(
            f"{number} {cell.value} {weight} {status} 0 {most} {spread[0]} {spread[1]} {spread[2]:g}"
        )
    lines.append(str(len(system.equations)))
    for row, factors in zip(system.equations, system.factors, strict=True):
        terms = " ".join(f"{cell} ({-factor})" for cell, factor in zip(row, factors, strict=True))
        lines.append(f"0 {len(row)} : {terms}")
    path.write_text("\n".join(lines) + "\n", "ascii")


def audited(safe: Protected, folder: Path) -> dict[int, tuple[float, float]]:
    """Cell -> interval that Tau-Argus finds for it."""
    path = folder / "audit.jj"
    write_jj(safe, path)
    rows = json.loads(_run(folder, AUDIT, path))
    return {row["cell"]: (row["min"], row["max"]) for row in rows}


def optimum(safe: Protected, folder: Path, seconds: int = 60) -> int:
    """How many cells its exact method hides, those hidden for themselves included."""
    path, out = folder / "in.jj", folder / "out.jj"
    write_jj(safe, path, with_complements=False, equal_weights=True)
    assert int(_run(folder, OPTIMUM, path, out, str(seconds)).split()[-1]) == 0
    own = sum(reason is not Reason.COMPLEMENT for reason in safe.hidden.values())
    return own + len(out.read_text("ascii").splitlines())


def _run(folder: Path, code: str, *arguments: str | Path) -> str:
    """Its last line; it writes logs where it is started."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr[-500:]
    return done.stdout.strip().splitlines()[-1]
