"""`python -m bench.product.publishing`: from a closed round of full size to the publication, by the product.

Seeds a round of 1,076 areas in which 322,800 households voted, each area with its worker, and closes it (that
is not counted here). Then what people and workers do: assess (job), open the preview, let its window end, two
persons publish (job: papers, cards, open data, coaching plans, pay drafts), the log takes the entries. Each
step runs in a process of its own, as a worker's would, so that the kernel tells its memory. Then the pages of
that publication are timed. Writes the section "Publishing" of `bench/results/product.md`, `publishing.json`
beside it; part of `python -m bench.product`. Options: `--units 322800`, `--databases postgresql,sqlite`,
`--out FOLDER`.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from bench.measure import environment
from bench.product.closing import AREAS, Asked, seed_round
from bench.product.meter import figure_of, spent_on
from bench.product.pages import AIM_MS
from bench.product.published_pages import RUNS
from bench.product.tables import page_table
from bench.product.world import DATABASES, deployment
from bench.tables import head, put_section, row

UNITS, AIM = 322_800, 60
RESULTS = Path(__file__).resolve().parents[1] / "results"
TITLE = "## Publishing"
SEED, SPREAD = 2026, 0.6
Row = dict[str, Any]


class Residents(Asked):
    """Households answer the worker's questionnaire; some areas are served better than others."""

    levels = MappingProxyType({"age_band": 4, "sex": 2})

    def __init__(self) -> None:
        from minping_web.common.scope import system_scope
        from minping_web.schemes.services.freezing import freeze_version

        self.scheme = freeze_version(system_scope(), "gulou-worker", "2019.1")
        self._random = np.random.default_rng(SEED)
        self._served = self._random.normal(0.0, SPREAD, AREAS)

    def version(self) -> Any:
        """The scheme's own, frozen."""
        from minping_web.common.scope import system_scope
        from minping_web.instruments.services.drafts import from_scheme
        from minping_web.instruments.services.freezing import freeze_instrument

        draft = from_scheme(system_scope(), self.scheme, "gulou-worker")
        return freeze_instrument(system_scope(), draft.pk)

    def items(self, at: int) -> dict[str, int]:
        """Two things that happened or not, three of five steps."""
        felt = self._served[at % AREAS] + self._random.normal(0.8, 1.0)
        noise = self._random.normal(0.0, 1.0, 5)
        happened = {name: 1 if felt + noise[n] > 0 else 2 for n, name in enumerate(("q1", "q2"))}
        steps = {name: round(3 + felt + noise[n]) for n, name in enumerate(("q3", "q4", "q5"), 2)}
        return happened | {name: min(5, max(1, step)) for name, step in steps.items()}


def seed_workers(round_id: int) -> None:
    """One worker for each area, since long ago."""
    from datetime import date

    from minping_web.people.models import Person, Posting
    from minping_web.rounds.models import RoundArea

    areas = list(RoundArea.objects.filter(round=round_id).order_by("pk").values_list("area_id", flat=True))
    people = Person.objects.bulk_create(
        Person(code=f"LC{at:04d}", name=f"王量{at:04d}") for at in range(len(areas))
    )
    Posting.objects.bulk_create(
        Posting(person=person, area_id=area, starts_on=date(2020, 1, 1))
        for person, area in zip(people, areas, strict=True)
    )


def steps_of(round_id: int) -> dict[str, Callable[[], object]]:
    """What is done, in its order; each in a process of its own."""
    return {
        "assessment": lambda: _assess(round_id),
        "preview opened": lambda: _preview(round_id),
        "window ended, proposed, approved": lambda: _two_persons(round_id),
        "publication": _work,
        "entries of the log": _sequence,
    }


def _assess(round_id: int) -> None:
    from minping_web.assessments.services.running import ask_for_run
    from minping_web.common.scope import system_scope
    from minping_web.snapshots.models import SealedSnapshot

    ask_for_run(system_scope(), SealedSnapshot.objects.get(round=round_id))
    _work()


def _preview(round_id: int) -> None:
    from minping_web.objections.services.previews import open_preview

    open_preview(_bureau(), _run_of(round_id))


def _two_persons(round_id: int) -> None:
    from datetime import timedelta

    from minping_web.common import approval
    from minping_web.common.clock import today
    from minping_web.objections.models import Preview
    from minping_web.objections.services.previews import close_finished
    from minping_web.publications.services.ordering import propose_publication

    Preview.objects.update(ends_on=today() - timedelta(days=1))
    close_finished()
    proposal = propose_publication(_bureau(), _run_of(round_id), reason="测量")
    approval.approve(_bureau(), proposal.pk)


def _bureau() -> Any:
    """Another person each time, a second factor just given."""
    from django.utils import timezone

    from minping_web.access.selectors import scope_of
    from tests.web.factories import grant, user

    who = user(f"measured-{os.getpid()}-{time.monotonic_ns()}")
    grant(who, "district_bureau")
    return scope_of(who, second_factor_at=timezone.now())


def _run_of(round_id: int) -> Any:
    from minping_web.assessments.models import AssessmentRun

    return AssessmentRun.objects.select_related("round", "scheme", "snapshot").get(round=round_id)


def _work() -> None:
    """A worker that ends when nothing is due."""
    from minping_web.jobs.services import WorkerSettings, run_worker

    run_worker(threading.Event(), WorkerSettings(periodic=False, until_idle=True))


def _sequence() -> None:
    from minping_web.ledger.services import sequence

    sequence()


def measure_step(round_id: int, name: str) -> Row:
    """In this process: do it, and tell what it took."""
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # forget the peak that was inherited
    spent = spent_on(steps_of(round_id)[name])
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "name": name, "wall": spent.wall, "own": spent.own, "server": spent.server,
        "children": child.ru_utime + child.ru_stime, "memory": _peak(), "of_child": child.ru_maxrss // 1024,
    }  # fmt: skip


def _peak() -> int:
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def check_published(round_id: int) -> Row:
    """What came of it; a run that published nothing has measured nothing."""
    from minping_web.coaching.models import CoachingPlan
    from minping_web.jobs.models import Job
    from minping_web.ledger.models import StagedEntry
    from minping_web.publications.models import Publication, PublishedFile
    from minping_web.rewards.models import Line

    if Publication.objects.filter(round=round_id).count() != 1:
        raise RuntimeError(list(Job.objects.exclude(error="").values_list("task", "error")))
    return {
        "results": _run_of(round_id).results.count(), "files": PublishedFile.objects.count(),
        "plans": CoachingPlan.objects.count(), "lines": Line.objects.count(),
        "waiting": StagedEntry.objects.filter(index=None).count(),
    }  # fmt: skip


def _job(database: str, out: Path, units: int) -> None:
    """One database: seed, close, measure step by step."""
    with deployment(database):
        residents = Residents()
        round_id = seed_round(units, residents)
        seed_workers(round_id)
        _in_own_process("bench.product.closing", "--close", str(round_id))
        rows = [json.loads(_step(round_id, name)) for name in steps_of(round_id)]
        made = check_published(round_id)
        pages = json.loads(_in_own_process("bench.product.published_pages", str(round_id)))
    out.write_text(json.dumps({"rows": rows, "made": made, "pages": pages}), "utf-8")


def _step(round_id: int, name: str) -> str:
    told = _in_own_process("bench.product.publishing", "--step", name, "--round", str(round_id))
    print(told, flush=True)
    return told


def _in_own_process(module: str, *words: str) -> str:
    done = subprocess.run([sys.executable, "-W", "ignore", "-m", module, *words],
                          check=True, stdout=subprocess.PIPE, text=True)  # fmt: skip
    return done.stdout.strip().splitlines()[-1]


def measure_publishing(out: Path, databases: Sequence[str] = DATABASES, *, units: int = UNITS) -> None:
    """Measure, and put the section into the page."""
    made: dict[str, Any] = {}
    for database in databases:
        print(f"publishing on {database} ...", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            told = Path(folder) / "made.json"
            command = [sys.executable, "-W", "ignore", "-m", "bench.product.publishing", "--job", database]
            subprocess.run([*command, "--units", str(units), "--out", str(told)], check=True,
                           env=environment({"MINPING_STATIC": "plain"}))  # fmt: skip
            made[database] = json.loads(told.read_text("utf-8"))
    out.mkdir(parents=True, exist_ok=True)
    (out / "publishing.json").write_text(json.dumps(made, indent=1) + "\n", "utf-8")
    lines = lines_of(made, units)
    put_section(out / "product.md", TITLE, lines)
    print("\n".join(lines))


def lines_of(made: dict[str, Any], units: int) -> list[str]:
    """The section."""
    load = ", ".join(f"{number:.1f}" for number in os.getloadavg())
    told = "; ".join(
        "{}: {results:,} results, {plans:,} coaching plans, {lines:,} lines of pay, {files:,} files".format(
            database, **parts["made"]
        )
        for database, parts in made.items()
    )
    columns = [f"{name} {what}" for name in made for what in ("wall s", "work s", "peak MB")]
    sums = [cell for parts in made.values() for cell in _sums(parts)]
    pages = {name: [figure_of(one) for one in parts["pages"]] for name, parts in made.items()}
    return [
        TITLE, "",
        f"{time.strftime('%Y-%m-%d')}, load of the machine at the end: {load}; one run. A closed round of "
        f"{AREAS:,} areas and {units:,} ballots is assessed, previewed, and published by two persons: "
        "result, papers, one card for each worker, bulletin, open data with audit, ledger, coaching plans, "
        f"pay drafts, each step in a process of its own ({told}). *Work* is processor time of our processes "
        "and of the database's; *peak* is the most memory of a process, and of the largest of its "
        "children.", "",
        *head(["step"], columns),
        *(row([ones[0]["name"], *(cell for one in ones for cell in _cells(one))]) for ones in _steps(made)),
        row([f"**together** (aim: {AIM})", *sums]), "",
        f"Pages of that publication, {RUNS} run(s) each, timed as the pages of the full district; aim: at "
        f"most {AIM_MS} ms.", "",
        *page_table(pages), "",
    ]  # fmt: skip


def _steps(made: dict[str, Any]) -> list[tuple[Row, ...]]:
    return list(zip(*(parts["rows"] for parts in made.values()), strict=True))


def _work_of(one: Row) -> float:
    return float(one["own"] + one["server"] + one["children"])


def _cells(one: Row) -> list[str]:
    memory = f"{one['memory']} + {one['of_child']}" if one["of_child"] else str(one["memory"])
    return [f"{one['wall']:.1f}", f"{_work_of(one):.1f}", memory]


def _sums(parts: dict[str, Any]) -> list[str]:
    return [f"{sum(one['wall'] for one in parts['rows']):.1f}",
            f"{sum(map(_work_of, parts['rows'])):.1f}", ""]  # fmt: skip


def main() -> None:
    """Measure as asked."""
    parser = argparse.ArgumentParser(prog="python -m bench.product.publishing")
    parser.add_argument("--units", type=int, default=UNITS)
    parser.add_argument("--databases", default=",".join(DATABASES))
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--job", default="", help=argparse.SUPPRESS)
    parser.add_argument("--step", default="", help=argparse.SUPPRESS)
    parser.add_argument("--round", type=int, default=0, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        import django

        django.setup()
        from minping_web.site.wiring import wire

        wire()
        print(json.dumps(measure_step(asked.round, asked.step)))
    elif asked.job:
        _job(asked.job, asked.out, asked.units)
    else:
        measure_publishing(asked.out, asked.databases.split(","), units=asked.units)


if __name__ == "__main__":
    main()
