"""Spreadsheets -> sealed snapshot: reading, mapping, guessing, one vote per household, registers.

In: CSV, XLSX or Parquet files and a map (YAML) that says which column means what. Out: a
snapshot, or all faults at once and nothing written. Steps: `raw` (cells with places), `rows`
(filtered), `apply_*` (texts to codes), `registers*` (who is assessed), `apply_seal`.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.snapshot.importing.apply import find_faults, import_files
    from minping_engine.snapshot.importing.guess import Guess, guess_map
    from minping_engine.snapshot.importing.mapping import ImportMap, dump_map, load_map, parse_map
    from minping_engine.snapshot.importing.questionnaire import AskedItem, Questionnaire
    from minping_engine.snapshot.importing.raw import RawTable, ReadingOptions, read_raw
    from minping_engine.snapshot.importing.report import ImportReport

__all__ = [
    "AskedItem",
    "Guess",
    "ImportMap",
    "ImportReport",
    "Questionnaire",
    "RawTable",
    "ReadingOptions",
    "dump_map",
    "find_faults",
    "guess_map",
    "import_files",
    "load_map",
    "parse_map",
    "read_raw",
]

__getattr__ = lazy_front(
    __name__,
    {
        "AskedItem": "questionnaire",
        "Guess": "guess",
        "ImportMap": "mapping",
        "ImportReport": "report",
        "Questionnaire": "questionnaire",
        "RawTable": "raw",
        "ReadingOptions": "raw",
        "dump_map": "mapping",
        "find_faults": "apply",
        "guess_map": "guess",
        "import_files": "apply",
        "load_map": "mapping",
        "parse_map": "mapping",
        "read_raw": "raw",
    },
)
