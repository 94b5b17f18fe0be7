"""Lazy package fronts (PEP 562): a front lists its names, their modules load on first use.

The command must start fast; `minping --help` should not pay for pyarrow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module


def lazy_front(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """A module-level `__getattr__` that finds `name` in module `package.homes[name]`."""

    def find(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{homes[name]}"), name)

    return find
