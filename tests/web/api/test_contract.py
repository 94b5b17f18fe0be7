"""The contract is complete, in step with the committed file, and readable on a page."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator

from minping_web.site.api.contract import committed, contract, shown

REFERENCE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "openapi.json"
ALWAYS = {"401", "403", "422", "429", "500"}


def _operations() -> list[tuple[str, dict[str, Any]]]:
    return [
        (method, operation)
        for methods in contract()["paths"].values()
        for method, operation in methods.items()
    ]


def _schema_of(content: dict[str, Any]) -> dict[str, Any]:
    name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
    return contract()["components"]["schemas"][name]  # type: ignore[no-any-return]


def test_the_committed_contract_is_in_step() -> None:
    """A change of the interface shows in review: run `python tools/make_openapi.py`."""
    assert REFERENCE.read_text("utf-8") == committed()


def test_the_tool_says_when_the_file_is_out_of_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = importlib.import_module("tools.make_openapi")
    monkeypatch.setattr(tool, "FILE", tmp_path / "openapi.json")
    assert tool.main(["--check"]) == 1
    assert tool.main([]) == 0
    assert tool.main(["--check"]) == 0


def test_every_operation_names_permission_refusals_and_examples() -> None:
    for method, operation in _operations():
        name = operation["operationId"]
        assert operation["x-permission"], name
        assert operation["security"] == [{"ApiKey": []}], name
        assert set(operation["responses"]) >= ALWAYS, name
        success = next(value for key, value in operation["responses"].items() if key.startswith("2"))
        assert _schema_of(success["content"])["examples"], name
        if method != "get":
            assert {"400", "413"} <= set(operation["responses"]), name
            assert _schema_of(operation["requestBody"]["content"])["examples"], name


def test_examples_fit_their_schemas() -> None:
    schemas = contract()["components"]["schemas"]
    tried = 0
    for name, schema in schemas.items():
        whole = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
        for told in schema.get("examples", []):
            found = [error.message for error in Draft202012Validator(whole).iter_errors(told)]
            assert not found, (name, found)
            tried += 1
    assert tried > 30


def test_no_two_closed_lists_share_a_name() -> None:
    """They would overwrite each other; closed lists stand written out in their fields."""
    assert not [name for name, schema in contract()["components"]["schemas"].items() if "enum" in schema]


def test_names_of_operations_are_unique() -> None:
    names = [operation["operationId"] for _, operation in _operations()]
    assert len(names) == len(set(names))


def test_every_filter_of_a_list_is_bounded() -> None:
    """A text without an upper length would let one request keep the database busy."""
    for _, operation in _operations():
        for parameter in operation["parameters"]:
            parts = parameter["schema"].get("anyOf", [parameter["schema"]])
            for part in parts:
                if part.get("type") == "string" and "format" not in part and "enum" not in part:
                    assert part.get("maxLength", 999) <= 80, (operation["operationId"], parameter["name"])


@pytest.mark.django_db
def test_the_page_shows_every_operation_without_scripts() -> None:
    answer = Client().get("/api/v1/docs")
    assert answer.status_code == 200
    text = answer.content.decode()
    for _, operations in shown():
        for operation in operations:
            assert f'id="{operation.id}"' in text
    assert "cdn." not in text


@pytest.mark.django_db
def test_the_contract_is_served_and_the_root_leads_to_the_page() -> None:
    served = Client().get("/api/v1/openapi.json").json()
    assert served["openapi"].startswith("3.1")
    assert served == contract()
    assert Client().get("/api/v1/").headers["Location"] == "/api/v1/docs"
