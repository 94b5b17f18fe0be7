"""The exceptions. Each carries problems; `str()` gives the English text of all of them."""

from __future__ import annotations

from collections.abc import Iterable

from minping_engine.errors.catalogue import render
from minping_engine.errors.problem import Place, Problem


class MinpingError(Exception):
    """Anything this project raises on purpose."""

    exit_code = 1

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(render(problem).line for problem in self.problems))

    def __reduce__(self) -> tuple[type[MinpingError], tuple[tuple[Problem, ...]]]:
        """Errors cross process borders with their problems: a pool's worker refuses like the driver."""
        return type(self), (self.problems,)

    @classmethod
    def of(cls, code: str, place: Place | None = None, /, **params: object) -> MinpingError:
        """The error with a single problem."""
        return cls(Problem(code, place or Place(), params))


class InputError(MinpingError):
    """Somebody's input is wrong."""

    exit_code = 2


class SnapshotError(InputError):
    """A snapshot breaks its contract."""


class ImportRefusedError(InputError):
    """Spreadsheets could not become a snapshot; nothing was written."""


class SchemeError(InputError):
    """A scheme does not load."""


class IntegrityError(MinpingError):
    """Bytes differ from what was sealed."""

    exit_code = 3


class RefusedError(MinpingError):
    """The data cannot carry what was asked for."""

    exit_code = 4


class SetupError(MinpingError):
    """The machine lacks something the step needs."""

    exit_code = 5
