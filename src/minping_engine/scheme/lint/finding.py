"""Collecting findings by code and key."""

from __future__ import annotations

from minping_engine.errors import Place, Problem, Severity


class Findings(list[Problem]):
    """Findings in `scheme.yaml` unless another file is named."""

    def error(self, code: str, key: str, *, file: str = "scheme.yaml", **params: object) -> None:
        """What must not be."""
        self.append(Problem(code, Place(file=file, key=key), params))

    def warn(self, code: str, key: str, *, file: str = "scheme.yaml", **params: object) -> None:
        """What should be looked at before publication."""
        self.append(Problem(code, Place(file=file, key=key), params, Severity.WARNING))
