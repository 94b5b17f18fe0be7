"""One tree of coded errors, and the problems they carry.

In: nothing. Out: `Problem` (what is wrong, where, how to mend it) and the exceptions that
carry lists of them. Every code has a text in Chinese and English in `catalogue/*.yaml`;
code elsewhere names the code and its parameters, never prose, so that the product can
translate and tests can ask for codes.

    MinpingError
    ├── InputError            somebody's file is wrong: all problems at once
    │   ├── SnapshotError     a sealed snapshot breaks its contract
    │   ├── ImportRefusedError     spreadsheets could not become a snapshot
    │   └── SchemeError       a scheme does not load
    ├── IntegrityError        bytes differ from what was sealed
    ├── RefusedError          the data cannot carry what was asked for
    └── SetupError            the machine lacks something (a font, a free disk)
"""

from minping_engine.errors.catalogue import Language, Text, catalogue, render
from minping_engine.errors.problem import Place, Problem, Severity
from minping_engine.errors.tree import (
    ImportRefusedError,
    InputError,
    IntegrityError,
    MinpingError,
    RefusedError,
    SchemeError,
    SetupError,
    SnapshotError,
)

__all__ = [
    "ImportRefusedError",
    "InputError",
    "IntegrityError",
    "Language",
    "MinpingError",
    "Place",
    "Problem",
    "RefusedError",
    "SchemeError",
    "SetupError",
    "Severity",
    "SnapshotError",
    "Text",
    "catalogue",
    "render",
]
