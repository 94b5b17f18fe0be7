"""The lists of `words.yaml`, read once."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import yaml


@cache
def _lists() -> dict[str, Any]:
    return dict(yaml.safe_load(resources.files(__package__).joinpath("words.yaml").read_text("utf-8")))


@cache
def characters(name: str) -> str:
    """A list of single characters, without blanks."""
    return "".join(dict.fromkeys("".join(_lists()[name].split())))


@cache
def words(name: str) -> frozenset[str]:
    """A list of words."""
    return frozenset(_lists()[name].split())


@cache
def not_after(surname: str) -> str:
    """Characters behind which this surname ends an ordinary word."""
    return str(_lists()["not_after"].get(surname, ""))
