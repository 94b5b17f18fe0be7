"""Every sealed step leaves an entry, and every kind of entry stands in the table of the method page."""

from __future__ import annotations

import re

import pytest

from minping_engine.verification import is_opened
from tests.architecture.ledger_kinds import PAGE, listed, staged

DEMANDED = {
    "frame": "frame.sealed",
    "named seed": "draw.seed_named",
    "draw": "draw.made",
    "instrument": "instrument.frozen",
    "scheme version": "scheme.frozen",
    "round opening": "round.opened",
    "closing with roots per area": "round.counted",
    "snapshot version": "snapshot.version",
    "result": "assessment.result",
    "objection decision": "objection.decided",
    "correction": "correction.made",
    "publication": "publication.made",
    "role grant": "access.grant",
    "end of a role": "access.revoke",
    "export of contacts": "frame.contacts_exported",
    "copy of single ballots": "snapshot.copied",
    "export of records": "ledger.export",
    "witnesses": "ledger.policy",
}
"""What the log has to hold."""


def test_every_kind_that_the_product_stages_stands_in_the_table_and_no_other() -> None:
    told, made = set(listed()), {kind for kind, _module in staged()}
    plain = {kind for kind in made if "*" not in kind}
    patterns = [re.compile(kind.replace(".", r"\.").replace("*", "[a-z_]+")) for kind in made if "*" in kind]
    assert plain - told == set()
    assert {one for one in told - plain if not any(pattern.fullmatch(one) for pattern in patterns)} == set()
    assert all(any(pattern.fullmatch(one) for one in told) for pattern in patterns)


@pytest.mark.parametrize("step", DEMANDED)
def test_what_the_log_has_to_hold_is_staged(step: str) -> None:
    kind = DEMANDED[step]
    assert kind in listed()
    assert kind in {one for one, _module in staged()}


def test_the_table_says_which_kinds_a_year_opens() -> None:
    table = PAGE.read_text("utf-8").partition("## Kinds of entries")[2].partition("\n## ")[0]
    for line in table.splitlines():
        found = re.match(r"^\| `([a-z_.]+)` \|", line)
        if found:
            assert line.rstrip().endswith("| yes |") is is_opened(found[1]), found[1]
