"""The method page: its tables are what the code makes."""

from __future__ import annotations

import hmac
import re
from pathlib import Path

import pytest

from minping_engine.sampling import Design, FrameList, FrameUnit, Stratum, allocate, draw_sample
from minping_engine.terms import Mode
from tests.engine.sampling.test_golden import ORDER_HASHES, SEED


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "method" / "draw.md").read_text("utf-8")


def rows(page: str, head: str) -> list[list[str]]:
    """The cells of the table under a head."""
    lines = page.partition(f"{head}\n")[2].splitlines()[1:]
    table = lines[: next(number for number, line in enumerate(lines) if not line.startswith("|"))]
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in table]


def test_the_worked_draw_is_what_the_code_makes(page: str) -> None:
    units = (
        FrameUnit(unit, "A", "special" if unit > "h06" else "ordinary", unit == "h02")
        for unit in ORDER_HASHES
    )
    strata = (Stratum(id="ordinary", share=4), Stratum(id="special", share=1))
    design = Design(n=5, strata=strata, modes=(Mode.SMS, Mode.VISIT), randomised_percent=50)
    made = []
    for unit in draw_sample(FrameList.of(units), design, SEED).units:
        order, mode = (
            hmac.digest(SEED, f"{prefix}{unit.unit}".encode(), "sha256").hex() for prefix in ("", "mode:")
        )
        chosen = unit.mode.name.lower() + (", by chance" if unit.randomised else "")
        hashes = f"{mode[:16]} {mode[16:32]}"
        made.append([unit.unit, unit.stratum, order[:8], str(unit.place), unit.role.value, hashes, chosen])
    head = "| unit | stratum | HMAC of the id | place | role | HMAC of `mode:` id | mode |"
    assert rows(page, head) == made
    assert f"the seed begins with {SEED.hex()[:8]}" in page


def test_the_worked_numbers_are_what_the_code_makes(page: str) -> None:
    table = rows(page, "| shares or quotas | units there are | n | parts |")
    assert len(table) == 5
    for rule, there, n, parts in table:
        field = "quota" if rule.startswith("quotas") else "share"
        numbers = [int(number) for number in re.findall(r"\d+", rule)]
        strata = [Stratum(id=f"s{at}", **{field: number}) for at, number in enumerate(numbers)]
        room = {f"s{at}": int(number) for at, number in enumerate(there.split(", "))}
        assert ", ".join(map(str, allocate(int(n), strata, room).values())) == parts
