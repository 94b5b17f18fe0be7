"""Make the reference pages from the code, so that they cannot drift from it.

In: the snapshot contract, the result's schemas, the scheme model, the library, the catalogue of problems.
Out: `docs/reference/snapshot.md`, `result.md`, `scheme.md`, `scheme-coverage.md`, `errors.md`. With
`--check` nothing is written: pages that are out of step are named and the exit code is 1 (`make check`).

    python -m tools.make_reference [--check]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from enum import Enum, IntEnum
from pathlib import Path

import pyarrow as pa

from minping_engine.assessment.result import TABLES as RESULT_TABLES
from minping_engine.errors import (
    InputError,
    IntegrityError,
    MinpingError,
    RefusedError,
    SetupError,
    catalogue,
)
from minping_engine.scheme.describe import reference_markdown
from minping_engine.snapshot.schema import CELL, CLUSTER, ITEM, SCHEMA_VERSION, TABLES, Open, Table
from minping_engine.terms import (
    AreaLevel,
    AssesseeKind,
    Disposition,
    Known,
    MeasureState,
    Mode,
    NotAssessed,
    Status,
    label,
)

if not __package__:  # run as a file: the folder above holds the package `tools`
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tools.scheme_coverage import coverage_page

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
MADE = "<!-- Made by tools/make_reference.py; edit the code, not this page. -->"
EXIT_CODES = (InputError, IntegrityError, RefusedError, SetupError)
OPEN_FAMILIES = {
    Open.FRAME_CELLS: f"`{CELL}<variable>` (frame-known cell variables, part of the key)",
    Open.CELLS: f"`{CELL}<variable>` (level of a cell variable)",
    Open.CLUSTERS: f"`{CLUSTER}<kind>` (random id of this round for a building or an interviewer)",
    Open.ITEMS: f"`{ITEM}<item>` (answer code; empty = not answered)",
}


def table_of(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return [*lines, *("| " + " | ".join(_cell(value) for value in row) + " |" for row in rows)]


def _cell(value: object) -> str:
    return " ".join(str(value).replace("|", "\\|").split())


def page(title: str, intro: str, *parts: Iterable[str]) -> str:
    """A whole page."""
    lines = [MADE, "", f"# {title}", "", intro, ""]
    for part in parts:
        lines += [*part, ""]
    return "\n".join(lines).rstrip() + "\n"


def snapshot_page() -> str:
    """Tables of the snapshot contract and its closed lists of codes."""
    intro = (
        f"Schema version {SCHEMA_VERSION}. A snapshot is a folder with `snapshot.json` and one Parquet file "
        "per table; ballots lie in `ballots/instrument=ID@V/district=CODE/part-0.parquet`. Tables in "
        "**bold** stand in every snapshot, the others where a scheme asks for them. Key columns order and "
        "identify the rows. Why this list: [ADR 2](../decisions/0002-snapshot-tables.md)."
    )
    contents = table_of(
        ("table", "what it holds"),
        (
            (f"[**{table.name}**](#{table.name})" if table.required else _link(table), table.description)
            for table in TABLES
        ),
    )
    lists = [
        line for words in (Mode, Disposition, AreaLevel, AssesseeKind, Known) for line in word_list(words)
    ]
    return page("The snapshot", intro, contents, *(_snapshot_table(table) for table in TABLES), lists)


def _link(table: Table) -> str:
    return f"[{table.name}](#{table.name})"


def _snapshot_table(table: Table) -> list[str]:
    rows = [
        (
            f"`{column.name}`",
            column.type,
            "yes" if column.key else "",
            "may be empty" if column.nullable else "",
            column.description + (f"; refers to `{column.references}`" if column.references else ""),
        )
        for column in table.columns
    ]
    lines = [f"## {table.name}", "", f"{_sentence(table.description)}", ""]
    lines += table_of(("column", "type", "key", "", "meaning"), rows)
    if table.open_columns:
        lines += ["", "Besides, as many as the round asked for:", ""]
        lines += [f"- {OPEN_FAMILIES[family]}" for family in table.open_columns]
    return lines


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def word_list(words: type[Enum]) -> list[str]:
    """A closed list with its labels; integer codes are part of the contract."""
    rows = [
        (
            f"`{word.value}`",
            f"`{word.name}`" if isinstance(word, IntEnum) else "",
            label(word),
            label(word, "en"),
        )
        for word in words
    ]
    return [f"## {words.__name__}", "", *table_of(("value", "name", "中文", "English"), rows), ""]


def result_page() -> str:
    """Tables of the result folder."""
    intro = (
        "`minping assess` writes a folder: `result.json` (what was run on what, counts, warnings, "
        "fingerprints), `run.json` (scheduler, versions, platform, seconds: the only file that may differ "
        "between two runs on equal input), the tables below as Parquet, `trace/`, `cards/` (PDF), "
        "`report.xlsx`, `bulletin.html`, `outcomes.xlsx`; of a scheme with indicators `outcomes.xlsx` and "
        "`outcomes.html`. Points are points; sums in the trace are whole thousandths of a "
        "point. Scores and indicators that must not be shown are empty already; `trace/` holds the sums "
        "themselves and is not for publication. Method: "
        "[direct estimate](../method/direct-estimate.md)."
    )
    parts = [_result_table(name, schema) for name, schema in RESULT_TABLES.items()]
    lists = [line for words in (Status, NotAssessed, MeasureState) for line in word_list(words)]
    return page("The result folder", intro, *parts, lists)


def _result_table(name: str, schema: pa.Schema) -> list[str]:
    rows = [
        (f"`{field.name}`", field.type, "may be empty" if field.nullable else "", _about(field))
        for field in schema
    ]
    return [f"## {name}.parquet", "", *table_of(("column", "type", "", "meaning"), rows)]


def _about(field: pa.Field) -> str:
    return str((field.metadata or {}).get(b"about", b"").decode())


def scheme_page() -> str:
    """Fields of scheme files."""
    intro = (
        "A scheme is a folder: `scheme.yaml`, `values/` (one dated value per file), `examples/`, README in "
        "two languages. Unknown keys are faults. **Bold** fields must be given. `minping scheme check "
        "FOLDER` names all faults at once, with their place. How to write one: "
        "[own scheme](../how-to/own-scheme.md)."
    )
    return page("Scheme files", intro, [reference_markdown()])


def errors_page() -> str:
    """Every problem code with its texts."""
    intro = (
        "Every problem has a code, a place (file, sheet, row, column, key) and a remedy. Codes are stable; "
        "texts may improve. `{name}` is filled in. Warnings use the same codes and stand in `result.json`."
    )
    exits = table_of(
        ("exit code", "error", "meaning"),
        [(kind.exit_code, f"`{kind.__name__}`", _first_line(kind)) for kind in EXIT_CODES],
    )
    steps: dict[str, list[str]] = {}
    for code in sorted(catalogue()):
        steps.setdefault(code.split(".")[0], []).append(code)
    return page("Errors and warnings", intro, exits, *(_step(step, codes) for step, codes in steps.items()))


def _first_line(kind: type[MinpingError]) -> str:
    return (kind.__doc__ or "").strip().splitlines()[0]


def _step(step: str, codes: Sequence[str]) -> list[str]:
    rows = []
    for code in codes:
        texts = catalogue()[code]
        both = [f"{texts[language]} {texts.get(f'mend_{language}', '')}" for language in ("zh", "en")]
        rows.append((f"`{code}`", *(text.replace("{{", "{").replace("}}", "}") for text in both)))
    return [f"## {step}", "", *table_of(("code", "中文", "English"), rows)]


PAGES: dict[str, Callable[[], str]] = {
    "snapshot.md": snapshot_page,
    "result.md": result_page,
    "scheme.md": scheme_page,
    "scheme-coverage.md": lambda: f"{MADE}\n\n{coverage_page()}",
    "errors.md": errors_page,
}


def out_of_step() -> list[str]:
    """Names of pages that differ from the code."""
    return [
        name
        for name, make in PAGES.items()
        if not (FOLDER / name).is_file() or (FOLDER / name).read_text("utf-8") != make()
    ]


def main() -> int:
    """Write the pages, or with `--check` only say which are out of step."""
    if "--check" in sys.argv[1:]:
        stale = out_of_step()
        for name in stale:
            sys.stderr.write(f"docs/reference/{name} is out of step: run python tools/make_reference.py\n")
        return 1 if stale else 0
    for name, make in PAGES.items():
        (FOLDER / name).write_text(make(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
