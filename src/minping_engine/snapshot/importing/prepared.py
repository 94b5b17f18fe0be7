"""An import that is worked out but not yet written: what `apply.py` hands to `apply_seal.py`."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from minping_engine.snapshot.importing.apply_answers import Answers
from minping_engine.snapshot.importing.apply_cells import Coded
from minping_engine.snapshot.importing.apply_votes import Votes
from minping_engine.snapshot.importing.faults import Faults
from minping_engine.snapshot.importing.registers import Registers
from minping_engine.snapshot.importing.rows import Rows
from minping_engine.snapshot.importing.texts import Codes


@dataclass(frozen=True)
class Prepared:
    """All parts of an import. `target` numbers each row's target; `salt` comes from the files' hashes."""

    instrument: str
    period: str
    rows: Rows
    answers: Answers
    votes: Votes
    coded: Coded
    target: Codes
    registers: Registers
    tables: dict[str, pa.Table]
    hashes: tuple[tuple[str, str], ...]
    salt: bytes
    faults: Faults
