"""Whether a snapshot's evidence fits the scheme: facts it knows, of the right kind, and assessees it is for.

In: snapshot and scheme. Out: problems; a word where a number is needed stops the run, the rest is warned of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from minping_engine.errors import Place, Problem, Severity
from minping_engine.evidence.measures import fact_values
from minping_engine.scheme import LoadedScheme, Unit
from minping_engine.snapshot import Snapshot


def fitting_problems(snapshot: Snapshot, loaded: LoadedScheme) -> list[Problem]:
    """All of them; errors and warnings."""
    return [*_facts(snapshot, loaded), *_kinds(snapshot, loaded)]


def _facts(snapshot: Snapshot, loaded: LoadedScheme) -> Iterator[Problem]:
    units = {fact.id: fact.unit for fact in loaded.scheme.facts}
    unknown: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for facts in fact_values(snapshot).values() if snapshot.has("facts") else ():
        for name, value in facts.items():
            if name not in units:
                unknown[name] += 1
            elif isinstance(value, str) != (units[name] is Unit.TEXT):
                wrong[name] += 1
    for name, n in sorted(wrong.items()):
        place = Place(file="facts.parquet", column=name)
        yield Problem(
            "assessment.fact_of_wrong_kind", place, {"fact": name, "n": n, "unit": units[name].value}
        )
    if loaded.scheme.has_tree:
        for name, n in sorted(unknown.items()):
            place = Place(file="facts.parquet", column=name)
            yield Problem("assessment.unknown_fact", place, {"fact": name, "n": n}, Severity.WARNING)


def _kinds(snapshot: Snapshot, loaded: LoadedScheme) -> Iterator[Problem]:
    """Assessees of other kinds, which a tree leaves out."""
    meant = loaded.scheme.assessee_kind.value
    kinds = set(snapshot.table("assessees")["kind"].unique().to_pylist()) - {meant}
    if loaded.scheme.has_tree and kinds:
        params: dict[str, object] = {"found": ", ".join(sorted(kinds)), "meant": meant}
        yield Problem("assessment.left_out_kind", params=params, severity=Severity.WARNING)
