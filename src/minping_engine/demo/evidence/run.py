"""A scheme's whole demonstration: needed schemes first, then period after period, each fed with the last.

In: a scheme's id, a seed, a folder. Out: results by period; `folder/snapshots/<period>`,
`folder/results/<period>`, and those of needed schemes under `folder/needs/<id>`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from minping_engine.assessment import (
    Result,
    assess,
    earlier_outcomes_from_results,
    earlier_tables,
    refuse_unready,
    write_result,
)
from minping_engine.demo.evidence.plan import DemoPlan
from minping_engine.demo.evidence.reading import FILE, read_demo_plan
from minping_engine.demo.evidence.seal import seal_scheme_demo
from minping_engine.errors import Place, SchemeError
from minping_engine.evidence import scheduler_named
from minping_engine.scheme import LoadedScheme, load_scheme
from minping_engine.snapshot import open_snapshot

Progress = Callable[[int, int], None]
Results = dict[str, Result]


@dataclass(frozen=True)
class SchemeDemo:
    """A scheme with its plan and the seed of its demonstration."""

    loaded: LoadedScheme
    plan: DemoPlan
    seed: int

    @property
    def id(self) -> str:
        """The scheme's id."""
        return self.loaded.scheme.id


def run_scheme_demo(
    scheme_id: str,
    seed: int,
    folder: Path,
    on_progress: Progress | None = None,
    *,
    done: dict[str, Results] | None = None,
) -> Results:
    """Run the demonstration of a scheme and return its results by period.

    `done` holds results of schemes that need not run again, and gets those of this run (one seed only).
    Raises `SchemeError` for a scheme that is disabled, needs itself or has no plan that fits.
    """
    results = done if done is not None else {}
    order = demos_in_order(scheme_id, seed)
    wanted = order[-1].id
    demos = [demo for demo in order if demo.id not in results and wanted not in results]
    total, finished = sum(len(demo.plan.periods) for demo in demos), 0
    for demo in demos:
        home = folder if demo.id == wanted else folder / "needs" / demo.id
        own: Results = {}
        for period in demo.plan.periods:
            if on_progress:
                on_progress(finished, total)
            own[period] = run_period(demo, period, home, earlier_of(demo, own, results))
            finished += 1
        results[demo.id] = own
    if on_progress:
        on_progress(finished, total)
    return results[wanted]


def demos_in_order(scheme_id: str, seed: int) -> list[SchemeDemo]:
    """The scheme's demonstration after all that it needs, each once. Raises `SchemeError` for a circle."""
    found: dict[str, SchemeDemo] = {}
    _visit(scheme_id, seed, (), found)
    return list(found.values())


def _visit(scheme_id: str, seed: int, path: tuple[str, ...], found: dict[str, SchemeDemo]) -> None:
    if scheme_id in path:
        raise SchemeError.of(
            "demo.needs_circle", Place(file=FILE, key="needs"), path=" → ".join([*path, scheme_id])
        )
    loaded = load_scheme(scheme_id, demo=True)
    if loaded.scheme.id in found:
        return
    refuse_unready(loaded)
    plan = read_demo_plan(loaded.folder)
    for needed in plan.needs:
        _visit(needed, seed, (*path, loaded.scheme.id), found)
    found[loaded.scheme.id] = SchemeDemo(loaded, plan, seed)


def earlier_of(demo: SchemeDemo, own: Results, others: Mapping[str, Results]) -> dict[str, pa.Table]:
    """What a period's snapshot seals in: own earlier results, and all outcomes of needed schemes."""
    tables = earlier_tables(list(own.values()))
    needed = [result for name in demo.plan.needs for result in others[name].values()]
    outcomes = [earlier_outcomes_from_results(needed)]
    outcomes += [tables["earlier_outcomes"]] if own else []
    return {**tables, "earlier_outcomes": pa.concat_tables(outcomes)}


def run_period(
    demo: SchemeDemo, period: str, folder: Path, earlier: Mapping[str, pa.Table] | None = None
) -> Result:
    """Draw, seal, assess and write one period."""
    snapshot = folder / "snapshots" / period
    seal_scheme_demo(demo.loaded, demo.plan, demo.seed, period, snapshot, earlier)
    home = folder / "results" / period
    opened = open_snapshot(snapshot, verify=False)
    result = assess(opened, demo.loaded, home, scheduler_named("serial"))
    write_result(result, home)
    return result
