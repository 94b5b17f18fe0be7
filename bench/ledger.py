"""`python -m bench.ledger`: the log's core and its witness: append in bulk, ask a witness, check a whole log.

Writes `ledger.md` to `bench/results/`. Options: `--entries 100000`, `--runs 5`, `--out FOLDER`. Aims:
append at most 10 µs per entry, a year's log checked well under two minutes. Figures are medians, wall and
of this process's processor time. Files lie in the system's temporary folder; flushes to its disk are part
of what is measured.
"""

from __future__ import annotations

import argparse
import http.client
import os
import platform
import shutil
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from bench.tables import head, row
from minping_engine.cli.witness.folder import make_folder, open_witness
from minping_engine.cli.witness.serving import WitnessServer
from minping_engine.proof import (
    Appender,
    Entry,
    FolderStore,
    SigningKey,
    publish_checkpoint,
    sign_checkpoint,
)
from minping_engine.verification import verify_log
from minping_engine.witness import request_from_tiles

ENTRIES, RUNS, REQUESTS, STEP = 100_000, 5, 60, 100
RESULTS = Path(__file__).resolve().parent / "results"
KEY = SigningKey("example.gov.cn/log", bytes(32))
Seconds = dict[str, list[tuple[float, float]]]
Made = TypeVar("Made")


def entries_of(count: int) -> list[bytes]:
    """Entries as the product writes them, about 130 bytes."""
    return [bytes(Entry("ballot", f"round/{n}", sha256(b"%d" % n).digest())) for n in range(count)]


def timed(seconds: Seconds, name: str, act: Callable[[], Made]) -> Made:
    """Run once and keep the seconds."""
    wall, own = time.perf_counter(), time.process_time()
    made = act()
    seconds[name].append((time.perf_counter() - wall, time.process_time() - own))
    return made


def publish(appender: Appender, store: FolderStore) -> None:
    """Unfinished tiles, flush, checkpoint."""
    publish_checkpoint(store, sign_checkpoint(appender.seal(KEY.name), KEY))


def one_log(seconds: Seconds, entries: list[bytes], folder: Path) -> None:
    """Append everything, publish, check as an outsider."""
    store = FolderStore(folder)
    appender = Appender(store)
    timed(seconds, "append", lambda: appender.append(entries))
    timed(seconds, "publish", lambda: publish(appender, store))
    report = timed(seconds, "check", lambda: verify_log(folder, KEY.verifier))
    if not report.is_sound or report.entries != len(entries):
        raise RuntimeError(report.problems)


def witnessing(seconds: Seconds, entries: list[bytes], folder: Path) -> int:
    """A log that grows by `STEP` entries; a witness answers in this process and over HTTP by turns.

    Gives the bytes of the last request.
    """
    store, old, begin = FolderStore(folder / "log"), 0, len(entries) - REQUESTS * STEP
    make_folder(folder / "witness", "office.example.cn/witness", [str(KEY.verifier)])
    witness, appender = open_witness(folder / "witness"), Appender(store)
    appender.append(entries[:begin])
    with WitnessServer(("127.0.0.1", 0), witness, lambda _: None) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        line = http.client.HTTPConnection("127.0.0.1", server.server_address[1])
        for number in range(REQUESTS):
            appender.append(entries[begin + number * STEP : begin + (number + 1) * STEP])
            publish(appender, store)
            note = (folder / "log" / "checkpoint").read_bytes()
            body = timed(seconds, "request", lambda: bytes(request_from_tiles(store, note, old)))  # noqa: B023
            if number % 2:
                status = timed(seconds, "answer", lambda: witness.add_checkpoint(body)).status  # noqa: B023
            else:
                status = timed(seconds, "over HTTP", lambda: posted(line, body))  # noqa: B023
            if status != 200:
                raise RuntimeError(status)
            old = appender.size
        line.close()
        server.shutdown()
    return len(body)


def posted(line: http.client.HTTPConnection, body: bytes) -> int:
    """Send a request over a connection that stays open."""
    line.request("POST", "/add-checkpoint", body)
    answer = line.getresponse()
    answer.read()
    return answer.status


def lines_of(seconds: Seconds, count: int, size: int) -> list[str]:
    """The page."""
    load = ", ".join(f"{number:.1f}" for number in os.getloadavg())
    each, ms = 1e6 / count, 1e3
    steps = (
        ("append in bulk, µs per entry (aim: 10)", "append", each),
        ("unfinished tiles, flush to disk, checkpoint, µs per entry", "publish", each),
        (f"the whole check of {count:,} entries, s", "check", 1),
        (f"request to a witness made from tiles ({size} bytes), ms", "request", ms),
        ("answer of a witness, its memory flushed to disk, ms", "answer", ms),
        ("the same over HTTP on this machine, ms", "over HTTP", ms),
    )
    rows = [
        row([text, *(f"{statistics.median(part) * unit:.2f}" for part in zip(*seconds[name], strict=True))])
        for text, name, unit in steps
    ]
    return [
        "# Measured: the log and its witness",
        "",
        f"{time.strftime('%Y-%m-%d')}; {os.cpu_count()} cores, Python {platform.python_version()}; load of "
        f"the machine at the end: {load}. {count:,} entries, {len(seconds['append'])} runs, "
        f"{REQUESTS} requests, medians. Made by `python -m bench.ledger`.",
        "",
        *head(["step"], ["wall", "work"]),
        *rows,
        "",
    ]


def measure(out: Path, *, count: int = ENTRIES, runs: int = RUNS) -> None:
    """Measure and write the page."""
    seconds: Seconds = defaultdict(list)
    entries = entries_of(count)
    with tempfile.TemporaryDirectory() as place:
        for number in range(runs):
            one_log(seconds, entries, Path(place) / str(number))
            shutil.rmtree(Path(place) / str(number))
        size = witnessing(seconds, entries, Path(place))
    out.mkdir(parents=True, exist_ok=True)
    lines = lines_of(seconds, count, size)
    (out / "ledger.md").write_text("\n".join(lines), "utf-8")
    print("\n".join(lines))


def main() -> None:
    """Measure as asked."""
    parser = argparse.ArgumentParser(prog="python -m bench.ledger")
    parser.add_argument("--entries", type=int, default=ENTRIES)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--out", type=Path, default=RESULTS)
    asked = parser.parse_args()
    measure(asked.out, count=asked.entries, runs=asked.runs)


if __name__ == "__main__":
    main()
