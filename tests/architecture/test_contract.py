"""What the snapshot's contract makes room for, and what it has no place for at all.

The best protection of data is a table without the column; these tests keep such columns out.
"""

from __future__ import annotations

import pytest

from minping_engine.demo import DemoParameters
from minping_engine.evidence import evidence_spec
from minping_engine.scheme import load_scheme, scheme_ids
from minping_engine.snapshot.schema import BY_NAME, TABLES
from minping_engine.terms import AreaLevel, Disposition, Mode

COLUMNS = {f"{table.name}.{column.name}" for table in TABLES for column in table.columns}
FORBIDDEN_BASIS = ("track", "check_in", "like", "online_time", "forward", "location", "latitude", "photo")
PERSONAL = ("phone", "id_number", "household_id", "address", "birth", "email", "device")


def names(table: str) -> set[str]:
    return {column.name for column in BY_NAME[table].columns}


def test_ballots_have_no_time_and_no_household() -> None:
    """G4, D12: what is not there cannot leak; one vote per household (S4) is decided at import."""
    assert names("ballots") == {"ballot_id", "target", "stratum", "mode", "randomised"}


@pytest.mark.parametrize("word", PERSONAL)
def test_no_table_has_a_place_for_residents_personal_data(word: str) -> None:
    """D12."""
    assert [column for column in COLUMNS if word in column] == []


@pytest.mark.parametrize("word", FORBIDDEN_BASIS)
def test_no_table_has_a_place_for_a_forbidden_basis(word: str) -> None:
    """G1: tracks, check-ins, likes and online time are no input of a score."""
    assert [column for column in COLUMNS if word in column.split(".")[1].split("_")] == []


def test_comments_stand_apart_from_ballots() -> None:
    """No column leads from a comment to its ballot (D12)."""
    assert names("comments") & names("ballots") == {"target"}


def test_difficulty_describes_places_never_the_assessed_person() -> None:
    """S75: covariates hang on areas; S79: classes too."""
    assert names("area_covariates") == {"area_id", "covariate", "value"}
    assert "area_class" in names("areas")
    assert names("assessees") == {"assessee_id", "kind", "name", "area_id"}


def test_a_responsibility_area_is_a_level_of_its_own() -> None:
    """S10: one worker's field; several workers and several fields are postings with shares."""
    assert AreaLevel.RESPONSIBILITY_AREA in AreaLevel
    assert {"target", "assessee_id", "from_day", "to_day", "share"} == names("postings")


def test_exclusive_grids_are_areas_of_their_own_kind() -> None:
    """S54: 605 = 44 + 150 + 411, beside 991 general grids (S50)."""
    assert "area_kind" in names("areas")
    parameters = DemoParameters()
    assert (sum(parameters.exclusive_grids), parameters.general_grids) == (605, 991)


def test_what_became_of_drawn_households_is_known_by_mode() -> None:
    """D13: refusals and non-contacts are counted, so that a response rate can stand beside a score."""
    assert {"target", "stratum", "mode", "disposition", "n"} == names("dispositions")
    assert {Disposition.REFUSAL, Disposition.NON_CONTACT} <= set(Disposition)


ASKING = [name for name in scheme_ids() if load_scheme(name, demo=True).scheme.instruments]


@pytest.mark.parametrize("scheme_id", ASKING)
def test_self_selected_ballots_never_count(scheme_id: str) -> None:
    """S23, D3: an open link can be mobilised by those who are assessed."""
    loaded = load_scheme(scheme_id, demo=True)
    for form in loaded.scheme.instruments:
        assert Mode.OPEN_ONLINE not in evidence_spec(loaded.with_instrument(form)).modes
