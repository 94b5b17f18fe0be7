"""Collecting problems of `scheme.yaml` by key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from minping_engine.errors import Place, Problem


class Faults(list[Problem]):
    """Problems of `scheme.yaml`."""

    def told(self, key: str, zh: str, en: str) -> None:
        """A fault told in plain words, in Chinese and English."""
        name = next((step for step in reversed(key.split(".")) if step.isidentifier()), key)
        self.of("scheme.impossible", key, reason=en, reason_zh=zh, name=name)

    def of(self, code: str, key: str, **params: object) -> None:
        """A fault with a code of its own."""
        self.append(Problem(code, Place(file="scheme.yaml", key=key), params))


def twice(names: Iterable[str]) -> list[str]:
    """Names that stand more than once, in order."""
    return sorted(name for name, count in Counter(names).items() if count > 1)
