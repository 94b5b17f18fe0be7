"""The reference of scheme keys: from the models, for a terminal and as Markdown."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from minping_engine.errors import InputError
from minping_engine.scheme import model as scheme_model
from minping_engine.scheme.describe import reference_markdown, reference_text
from minping_engine.scheme.describe.reference import field_docs, fields_of, models_by_file
from minping_engine.scheme.model import Deduct, Fact, Linear, Veto


def test_every_model_of_the_package_is_listed_once() -> None:
    wanted = {
        thing.__name__
        for thing in vars(scheme_model).values()
        if isinstance(thing, type) and issubclass(thing, BaseModel) and not thing.__subclasses__()
    }
    listed = [model.__name__ for models in models_by_file().values() for model in models]
    assert len(listed) == len(set(listed))
    assert wanted <= set(listed)


def test_a_field_has_what_stands_under_it_in_the_source() -> None:
    assert field_docs(Veto)["bars"] == "Ids of `use` that do not follow."


def test_types_and_defaults_are_told_as_they_are_written() -> None:
    told = {field.name: (field.type, field.default) for field in fields_of(Linear)}
    assert told == {"kind": ("`linear`", ""), "from": ("number", "0"), "to": ("number", "")}
    assert {field.name: field.type for field in fields_of(Veto)}["when"] == "expression"
    assert {field.name: field.is_required for field in fields_of(Fact)}["unit"] is True
    assert {field.name: field.default for field in fields_of(Deduct)}["counting"] == "proportional"


def test_kinds_of_a_union_are_shown_as_their_kinds() -> None:
    told = reference_markdown()
    assert "### Deduct\n\n`kind: deduct`. " in told
    assert "### CaseRate\n\n`of: cases.rate`. " in told


@pytest.mark.parametrize("asked", ["Deduct", "deduct", "full_from"])
def test_a_part_is_found_by_its_name_its_kind_or_a_key(asked: str) -> None:
    assert reference_text(asked).startswith("Deduct")
    assert "`full_from`" in reference_text(asked, markdown=True)


def test_a_key_is_told_alone() -> None:
    told = reference_text("grade_at_most")
    assert "grade_at_most: text" in told
    assert "bars: " not in told


def test_the_whole_reference_has_names_units_and_functions() -> None:
    for told in (reference_text(), reference_text(markdown=True)):
        assert all(
            word in told for word in ("closed_on_time", "households", "SHARE_OF", "indicators.ID.applies")
        )


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        reference_text("grade_at_mst")
    assert caught.value.problems[0].params["near"].startswith("grade_at_most")
