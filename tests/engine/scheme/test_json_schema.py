"""JSON Schema of scheme files: the library fits, broken files do not, the published ones are in step."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from minping_engine.cli.scheme_docs import FILES, schema_text
from minping_engine.scheme import library_folder, scheme_ids

LIBRARY = library_folder()
PLACES = {"scheme": "*/scheme.yaml", "values": "*/values/*.yaml", "example": "*/examples/*.yaml"}


@cache
def _validator(of: str) -> Draft202012Validator:
    schema = json.loads(schema_text(of))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def _read(path: Path) -> Any:
    """As an editor sees it: dates and keys are texts."""
    return json.loads(json.dumps(yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader), default=str))


@pytest.mark.parametrize("of", FILES)
def test_all_files_of_the_library_fit(of: str) -> None:
    validator = _validator(of)
    paths = [
        path
        for path in sorted(LIBRARY.glob(PLACES[of]))
        if path.relative_to(LIBRARY).parts[0] in scheme_ids()
    ]
    assert paths
    for path in paths:
        assert [f"{path}: {error.message}" for error in validator.iter_errors(_read(path))] == []


@pytest.mark.parametrize("of", FILES)
def test_the_published_schema_is_in_step(of: str) -> None:
    """Mend with `minping scheme schema --of scheme -o schemes/scheme.schema.json`, and so on."""
    assert (LIBRARY / f"{of}.schema.json").read_text("utf-8") == schema_text(of)


def _scheme() -> Any:
    return _read(LIBRARY / "baotaqiao-grid" / "scheme.yaml")


def _unknown_key(data: Any) -> None:
    data["titel"] = data.pop("title")


def _unknown_kind(data: Any) -> None:
    data["indicators"][0]["criterion"]["kind"] = "curve"


def _wrong_word(data: Any) -> None:
    data["assessee_kind"] = "street"


def _missing_key(data: Any) -> None:
    del data["measures"][1]["denominator"]


def _wrong_type(data: Any) -> None:
    data["objection"]["days"] = "five"


def _half_reference(data: Any) -> None:
    data["objection"]["days"] = {"value": "x", "demo": 1}


@pytest.mark.parametrize(
    "damage", [_unknown_key, _unknown_kind, _wrong_word, _missing_key, _wrong_type, _half_reference]
)
def test_a_broken_scheme_does_not_fit(damage: Callable[[Any], None]) -> None:
    data, validator = _scheme(), _validator("scheme")
    assert validator.is_valid(data)
    damage(data)
    assert not validator.is_valid(data)


@pytest.mark.parametrize(
    "path", [("period", "cut_day"), ("title",), ("raters", 0, "minimum"), ("grading", "bands")]
)
def test_any_field_may_be_a_reference_to_a_value(path: tuple[str | int, ...]) -> None:
    data = place = _scheme()
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = {"value": "some_value"}
    assert _validator("scheme").is_valid(data)


def test_an_item_of_a_list_may_be_a_reference() -> None:
    data = _scheme()
    data["facts"][0] = {"value": "a_fact"}
    assert _validator("scheme").is_valid(data)


def test_a_broken_value_and_a_broken_example_do_not_fit() -> None:
    value = _read(LIBRARY / "baotaqiao-grid" / "values" / "satisfaction_points.yaml")
    value["source"]["grade"] = "rumour"
    assert not _validator("values").is_valid(value)
    example = _read(LIBRARY / "baotaqiao-grid" / "examples" / "verified-complaint.yaml")
    del example["why"]["en"]
    assert not _validator("example").is_valid(example)
