"""Mode, stratum, cell variables and clusters of ballots: texts -> small integers.

Level codes are the map's, or follow the sorted texts (numbers by size). A cell must have a level:
where it is empty the ballot gets the extra level "not given". Cluster ids are random for this
import, so that the same building cannot be followed from round to round (evidence.md 5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from minping_engine.snapshot.importing.faults import Faults, shown, suggestion
from minping_engine.snapshot.importing.mapping import CellMap, ImportMap, LevelMap, ModeMap
from minping_engine.snapshot.importing.rows import Rows
from minping_engine.snapshot.importing.texts import Codes, Distinct, fold
from minping_engine.terms import Mode, label

NOT_GIVEN = ("未填", "not given")
MORE_NAMES = {
    "上门": Mode.VISIT,
    "面访": Mode.VISIT,
    "入户访问": Mode.VISIT,
    "入户调查": Mode.VISIT,
    "电话访问": Mode.PHONE,
    "电话调查": Mode.PHONE,
    "电访": Mode.PHONE,
    "手机短信": Mode.SMS,
    "短信链接": Mode.SMS,
    "二维码": Mode.QR,
    "微信扫码": Mode.QR,
    "纸质问卷": Mode.PAPER,
    "mail": Mode.PAPER,
    "网页": Mode.WEB,
    "在线": Mode.WEB,
    "online": Mode.WEB,
    "telephone": Mode.PHONE,
}


@dataclass(frozen=True)
class Coded:
    """Columns per row, ready for ballots, and the table `cell_variables`."""

    columns: dict[str, Codes]
    variables: pa.Table


def coded_columns(rows: Rows, map_: ImportMap, salt: bytes, faults: Faults) -> Coded:
    """Everything about a row that is neither target, household, time nor answer."""
    columns = {
        "stratum": _stratum(rows, map_.columns.stratum),
        "mode": _modes(rows, map_.mode, faults),
        "randomised": np.zeros(len(rows), np.int64),
    }
    variables: list[dict[str, object]] = []
    for name, cell in map_.cells.items():
        codes, levels = _levels(rows, cell, faults)
        columns[f"cell_{name}"] = codes
        for code, (zh, en) in sorted(levels.items()):
            variables.append(
                {"variable": name, "level": code, "known": cell.known.value, "label_zh": zh, "label_en": en}
            )
    for kind, column in map_.clusters.items():
        columns[f"cluster_{kind}"] = _clusters(rows.distinct(column), kind, salt)
    return Coded(columns, _variables_table(variables))


def _variables_table(rows: list[dict[str, object]]) -> pa.Table:
    texts = [(name, pa.string()) for name in ("known", "label_zh", "label_en")]
    return pa.Table.from_pylist(rows, pa.schema([("variable", pa.string()), ("level", pa.int16()), *texts]))


def _stratum(rows: Rows, column: str | None) -> Codes:
    """Strata are numbered by their sorted texts; rows without one are in stratum 0."""
    if column is None:
        return np.zeros(len(rows), np.int64)
    found = rows.distinct(column)
    return np.maximum(found.codes, 0)


def _modes(rows: Rows, mode: ModeMap | str, faults: Faults) -> Codes:
    if isinstance(mode, str):
        return np.full(len(rows), Mode[mode.upper()].value, np.int64)
    found = rows.distinct(mode.column)
    names = {fold(text): Mode[name.upper()] for text, name in mode.values.items()}
    known = {**{fold(text): word for text, word in MORE_NAMES.items()}, **_mode_names(), **names}
    codes = [known.get(fold(text)) for text in found.texts]
    counts, first = found.counts(), found.first_rows()
    for number, text in enumerate(found.texts):
        if codes[number] is None:
            near = suggestion(text, mode.values or (label(word) for word in Mode))
            place = rows.place(int(first[number]), mode.column)
            faults.add(
                "importing.unknown_mode", place, count=int(counts[number]), value=shown(text), near=near
            )
    lookup = [Mode.UNKNOWN.value if code is None else code.value for code in codes]
    return np.array([*lookup, Mode.UNKNOWN.value], np.int64)[found.codes]


def _mode_names() -> dict[str, Mode]:
    return {fold(text): word for word in Mode for text in (word.name, label(word), label(word, "en"))}


def _levels(rows: Rows, cell: CellMap, faults: Faults) -> tuple[Codes, dict[int, tuple[str, str]]]:
    """Level per row, and the levels with their names."""
    found = rows.distinct(cell.column)
    codes, names = _mapped_levels(found, cell, rows, faults) if cell.levels else _sorted_levels(found)
    empty = bool((found.codes < 0).any())
    if empty:
        names[max(names, default=-1) + 1] = NOT_GIVEN
    return np.append(codes, max(names) if empty else 0)[found.codes], names


def _sorted_levels(found: Distinct) -> tuple[Codes, dict[int, tuple[str, str]]]:
    order = sorted(range(len(found.texts)), key=lambda number: _by_size(found.texts[number]))
    codes = np.zeros(len(order), np.int64)
    codes[order] = np.arange(len(order))
    return codes, {code: (found.texts[number],) * 2 for code, number in enumerate(order)}


def _by_size(text: str) -> tuple[int, float, str]:
    try:
        return 0, float(text), text
    except ValueError:
        return 1, 0.0, text


def _mapped_levels(
    found: Distinct, cell: CellMap, rows: Rows, faults: Faults
) -> tuple[Codes, dict[int, tuple[str, str]]]:
    known: dict[str, int] = {}
    names: dict[int, tuple[str, str]] = {}
    for text, level in cell.levels.items():
        shaped = level if isinstance(level, LevelMap) else LevelMap(code=level, zh=text, en=text)
        known[fold(text)] = shaped.code
        names.setdefault(shaped.code, (shaped.zh, shaped.en))
    counts, first = found.counts(), found.first_rows()
    for number, text in enumerate(found.texts):
        if fold(text) not in known:
            place = rows.place(int(first[number]), cell.column)
            near = suggestion(text, cell.levels)
            faults.add(
                "importing.unknown_level", place, count=int(counts[number]), value=shown(text), near=near
            )
    return np.array([known.get(fold(text), 0) for text in found.texts], np.int64), names


def _clusters(found: Distinct, kind: str, salt: bytes) -> Codes:
    """Random numbers for clusters, drawn from the import's salt: repeatable here, unlike elsewhere."""
    import hashlib

    seed = int.from_bytes(hashlib.sha256(salt + kind.encode()).digest()[:16])
    order = np.random.Generator(np.random.Philox(key=seed)).permutation(len(found.texts))
    return np.append(order, -1)[found.codes].astype(np.int64)
