"""Worked examples guard the rules: a rule that is changed or taken away makes some example fail.

Every number and condition of every scheme is changed, one at a time. A mutant that no example notices
fails, unless it is listed with the reason why it changes nothing that can be seen.
"""

from __future__ import annotations

import pytest
import yaml

from minping_engine.assessment import run_examples
from minping_engine.errors import MinpingError
from minping_engine.scheme import LoadedScheme, load_scheme, scheme_ids
from tests.schemes.mutants import mutants

pytestmark = pytest.mark.deep
RUNNING = [name for name in scheme_ids() if load_scheme(name).scheme.disabled is None]


def failing_examples(scheme: LoadedScheme, stems: list[str]) -> list[str]:
    """Examples that fail, first one only: the search ends there."""
    for stem in stems:
        try:
            if any(not line.holds for line in run_examples(scheme, stem)):
                return [stem]
        except MinpingError:
            return [stem]
    return []


@pytest.mark.parametrize("scheme_id", RUNNING)
def test_every_rule_is_shown_by_an_example(scheme_id: str) -> None:
    loaded = load_scheme(scheme_id, demo=True)
    files = sorted((loaded.folder / "examples").glob("*.yaml"))
    shows = {file.stem: yaml.safe_load(file.read_text("utf-8"))["shows"] for file in files}
    killers: set[str] = set()
    survivors: dict[str, list[str]] = {}
    killed: set[str] = set()
    order = list(shows)
    for mutant in mutants(loaded):
        if mutant.where in killed:
            continue
        found = failing_examples(mutant.scheme, order)
        killers |= set(found)
        if found:  # neighbours of a rule are often shown by the same example: it comes first next time
            order = [*found, *(stem for stem in order if stem not in found)]
            killed.add(mutant.where)
        else:
            survivors.setdefault(mutant.where, []).append(mutant.how)
    assert {where: how for where, how in survivors.items() if where not in killed} == {}
    assert killers
