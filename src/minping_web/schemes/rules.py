"""What makes a package of a scheme one thing: its files, their hashes, one hash over all.

Data and arithmetic only. A package is a mapping of path -> text; values that the district filled in belong
to what is frozen, since they decide results.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import yaml

from minping_engine.snapshot import canonical_json

DISCLOSURE = "common/disclosure.yaml"
"""Thresholds of the library that decide results of every scheme: they are frozen with it."""
SCHEME_FILE = "scheme.yaml"
SUFFIXES = (".yaml", ".md")
SCHEME_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}", re.ASCII)
LONGEST_VALUE = 20_000

Files = Mapping[str, str]


def file_hashes(files: Files) -> dict[str, str]:
    """SHA-256 of each file, by path."""
    return {path: hashlib.sha256(text.encode()).hexdigest() for path, text in sorted(files.items())}


def package_sha256(files: Files, values: Mapping[str, Any]) -> str:
    """One hash over every file and the district's own values, in a canonical form."""
    content = {"files": file_hashes(files), "values": canonical_values(values)}
    return hashlib.sha256(canonical_json(content)).hexdigest()


def canonical_values(values: Mapping[str, Any]) -> dict[str, str]:
    """Values as texts: numbers keep the digits that were written, so that hashes have no floats."""
    return {
        name: yaml.safe_dump(value, allow_unicode=True, sort_keys=True, width=10**6).strip()
        for name, value in sorted(values.items())
    }


def value_of(text: str) -> Any:
    """What somebody typed for a value: a number, or the YAML of a table. Raises `ValueError`."""
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        raise ValueError(text[:40]) from None


def shown_value(value: Any) -> str:
    """A value as it can be typed."""
    if isinstance(value, dict | list):
        return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=100).strip()
    return "" if value is None else str(value)
