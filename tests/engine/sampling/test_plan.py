"""Naming and value: what is fixed beforehand, in which spelling; the folder that is published."""

from __future__ import annotations

import json
import subprocess
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from minping_engine.errors import InputError
from minping_engine.sampling import (
    Design,
    DrawnValue,
    FrameList,
    NamedSeed,
    draw_by_plan,
    plan_draw,
    read_draw,
    seed_of,
    write_draw,
)
from minping_engine.terms import Mode
from tests.engine.sampling.frames import DESIGN, NAMED, STEPS, STRATA, VALUE, listed, publish, small_frame

FRAME = listed(small_frame())


def codes(error: InputError) -> list[str]:
    return [problem.code for problem in error.problems]


def test_a_seed_is_of_one_root_and_one_value() -> None:
    roots = [bytes(32), bytes([1] * 32)]
    values = ["1", "11", "1 ", "", "1\n1"]
    assert len({seed_of(root, value) for root in roots for value in values}) == 10


def test_a_root_of_another_length_is_refused() -> None:
    with pytest.raises(InputError) as raised:
        seed_of(bytes(31), "1")
    assert codes(raised.value) == ["sampling.root_length"]


@pytest.mark.parametrize("form", ["#####", " ######", "######\n", "## ## ## 期", "no digits"])
def test_a_form_that_does_not_fix_a_value_or_has_too_few_is_refused(form: str) -> None:
    with pytest.raises(InputError) as raised:
        plan_draw(FRAME, DESIGN, NAMED.model_copy(update={"form": form}))
    assert codes(raised.value) == ["sampling.form"]


@pytest.mark.parametrize(
    "value", ["7 11 15 22 28 31 9", VALUE + " ", VALUE.replace(" ", "  "), "07-11-15", "٠٧ 11 15 22 28 31 09"]
)
def test_a_value_in_another_spelling_is_refused(value: str) -> None:
    with pytest.raises(InputError) as raised:
        draw_by_plan(plan_draw(FRAME, DESIGN, NAMED), FRAME, DrawnValue(value=value))
    assert codes(raised.value) == ["sampling.value_form"]


def test_a_fallback_has_its_own_form_and_needs_a_protocol() -> None:
    plan, dice = plan_draw(FRAME, DESIGN, NAMED), "163254415263"
    with pytest.raises(InputError) as raised:
        draw_by_plan(plan, FRAME, DrawnValue(value=dice, is_fallback=True))
    assert codes(raised.value) == ["sampling.no_protocol"]
    value = DrawnValue(value=dice, is_fallback=True, protocol="The lottery was postponed; protocol 12/2026.")
    outcome, _draw = draw_by_plan(plan, FRAME, value)
    assert outcome.seed == seed_of(FRAME.root, dice).hex()


def test_a_list_that_changed_since_the_naming_is_refused() -> None:
    """Strata and rest are no part of the frame's root; the naming fixes them, too."""
    plan = plan_draw(FRAME, DESIGN, NAMED)
    rests = FrameList(FRAME.units, FRAME.areas, FRAME.strata, [True] * len(FRAME), FRAME.commitments)
    assert rests.root == FRAME.root
    with pytest.raises(InputError) as raised:
        draw_by_plan(plan, rests, DrawnValue(value=VALUE))
    assert codes(raised.value) == ["sampling.list_differs"]


def test_the_first_stratum_that_fits_takes_a_unit_and_excluded_ones_have_none() -> None:
    assert DESIGN.stratum_of({"special": ""}) == "ordinary"
    assert DESIGN.stratum_of({"special": "disabled"}) == "special"
    assert DESIGN.stratum_of({"special": "other"}) == ""
    assert DESIGN.stratum_of({"special": "", "excluded": "vacant"}) == ""


def test_a_folder_reads_back_as_it_was_written(tmp_path: Path) -> None:
    made = publish(tmp_path, resting=["h002"])
    held = read_draw(made.folder)
    assert (held.head.plan, held.head.outcome, held.head.steps) == (made.plan, made.outcome, STEPS)
    assert held.problems == ()
    assert held.drawn == made.draw.units
    assert list(held.frame.lines()) == list(made.frame.lines())


def test_digests_are_those_of_the_files_as_other_programs_print_them(tmp_path: Path) -> None:
    made = publish(tmp_path)
    for name, stated in (("frame.csv", made.plan.list_sha256), ("drawn.csv", made.outcome.drawn_sha256)):
        assert sha256((made.folder / name).read_bytes()).hexdigest() == stated
    told = subprocess.run(
        ["sha256sum", str(made.folder / "frame.csv")], capture_output=True, text=True, check=True
    )
    assert told.stdout.startswith(made.plan.list_sha256)


def test_a_published_draw_is_not_written_over(tmp_path: Path) -> None:
    made = publish(tmp_path)
    with pytest.raises(InputError) as raised:
        write_draw(made.folder, (made.plan, made.outcome, STEPS), made.frame, made.draw)
    assert codes(raised.value) == ["sampling.folder_exists"]


def test_openings_are_written_for_auditors_only(tmp_path: Path) -> None:
    made = publish(tmp_path)
    public = write_draw(tmp_path / "public", (made.plan, made.outcome, STEPS), made.frame, made.draw)
    assert sorted(file.name for file in public.iterdir()) == ["draw.json", "drawn.csv", "frame.csv"]


def test_modes_and_days_stand_in_the_file_as_words(tmp_path: Path) -> None:
    head = json.loads((publish(tmp_path).folder / "draw.json").read_text("utf-8"))
    assert head["plan"]["design"]["modes"] == ["sms", "visit"]
    assert head["plan"]["named"]["drawn_on"] == "2026-11-24"


def test_faults_of_the_head_are_told_all_at_once(tmp_path: Path) -> None:
    made = publish(tmp_path)
    file = made.folder / "draw.json"
    head = json.loads(file.read_text("utf-8"))
    head["plan"]["design"]["modes"] = ["SMS"]
    head["plan"]["units"] = -1
    head["outcome"]["seed"] = "x"
    head["more"] = 1
    file.write_text(json.dumps(head))
    with pytest.raises(InputError) as raised:
        read_draw(made.folder)
    assert {(one.code, one.place.file) for one in raised.value.problems} == {("sampling.head", "draw.json")}
    assert sorted(one.place.key for one in raised.value.problems) == [
        "more", "outcome.seed", "plan.design.modes.0", "plan.units",
    ]  # fmt: skip


def test_a_design_is_made_in_code_as_it_is_read_from_a_file() -> None:
    named = Design.model_validate(
        {"n": None, "strata": [one.model_dump() for one in STRATA], "modes": ["qr"]}
    )
    assert named == Design(n=None, strata=STRATA, modes=(Mode.QR,))
    assert NamedSeed.model_validate_json(NAMED.model_dump_json()) == NAMED
    assert NAMED.drawn_on == date(2026, 11, 24)
