"""What may be answered to each question, from the map and the scheme together.

Out: `ItemRule`s (which text means which code) and the snapshot's table `item_codes`. A scheme
gives labels and codes where the map is silent; where both speak they must agree in codes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

from minping_engine.errors import Place
from minping_engine.snapshot.importing.faults import Faults, suggestion
from minping_engine.snapshot.importing.mapping import ImportMap, ItemMap
from minping_engine.snapshot.importing.questionnaire import AskedItem, Questionnaire
from minping_engine.snapshot.importing.texts import fold, label_forms, number_in


@dataclass(frozen=True)
class ItemRule:
    """One question: its column (wide) or text (long), its answers. `labels` is folded text -> code."""

    id: str
    column: str
    value: str
    wording: str
    codes: tuple[tuple[int, str], ...]
    labels: dict[str, int]
    takes_numbers: bool
    missing: tuple[str, ...] = field(default=())

    def code_of(self, text: str) -> int | None:
        """The code of an answer text, or None if it is not allowed."""
        for form in label_forms(text):
            if form in self.labels:
                return self.labels[form]
        number = number_in(text)
        allowed = {code for code, _ in self.codes}
        return number if self.takes_numbers and number in allowed else None

    @property
    def texts(self) -> tuple[str, ...]:
        """Answers as they may be written, for messages."""
        return tuple(label for _, label in self.codes)


def instrument_key(map_: ImportMap, asked: Questionnaire | None, faults: Faults) -> str:
    """ID@VERSION of the questionnaire; map and scheme must agree."""
    key = map_.instrument.key if map_.instrument else ""
    if asked and key and key != asked.key:
        faults.add("importing.other_instrument", Place(key="instrument"), found=key, wanted=asked.key)
    if not asked and not key:
        faults.add("importing.no_instrument", Place(key="instrument"))
    return asked.key if asked else key


def item_rules(map_: ImportMap, asked: Questionnaire | None, faults: Faults) -> tuple[ItemRule, ...]:
    """Rules of all questions, in the order of the scheme or of the map."""
    ids = [item.id for item in asked.items] if asked else list(map_.items)
    known = dict.fromkeys(ids)
    for item_id in map_.items:
        if item_id not in known:
            near = suggestion(item_id, ids)
            faults.add("importing.item_not_asked", Place(key=f"items.{item_id}"), item=item_id, near=near)
    if not ids:
        faults.add("importing.no_items", Place(key="items"))
    rules = [_rule(item_id, map_, asked, faults) for item_id in ids]
    return tuple(rule for rule in rules if rule)


def _rule(item_id: str, map_: ImportMap, asked: Questionnaire | None, faults: Faults) -> ItemRule | None:
    mapped = map_.items.get(item_id)
    asked_item = asked.item(item_id) if asked else None
    if mapped is None:
        if map_.items:
            faults.add("importing.item_unmapped", Place(key=f"items.{item_id}"), item=item_id)
            return None
        mapped = ItemMap()
    codes = _codes(mapped, asked_item)
    if not codes:
        faults.add("importing.item_without_codes", Place(key=f"items.{item_id}"), item=item_id)
        return None
    _check_codes(item_id, codes, asked_item, faults)
    return ItemRule(
        id=item_id,
        column=mapped.column or item_id,
        value=mapped.value or item_id,
        wording=mapped.wording or (asked_item.wording if asked_item else mapped.column or item_id),
        codes=codes,
        labels=_labels(mapped, asked_item),
        takes_numbers=mapped.range is not None or not mapped.labels,
        missing=mapped.missing,
    )


def _codes(mapped: ItemMap, asked: AskedItem | None) -> tuple[tuple[int, str], ...]:
    """Allowed codes with the label each is shown by: the map's, else the scheme's, else the number."""
    names: dict[int, str] = {}
    for label, code in mapped.labels.items():
        names.setdefault(code, label)
    if mapped.range:
        for code in range(mapped.range[0], mapped.range[1] + 1):
            names.setdefault(code, _asked_label(asked, code) or str(code))
    if not names and asked:
        for label, code in asked.labels:
            names.setdefault(code, label)
    return tuple(sorted(names.items()))


def _asked_label(asked: AskedItem | None, code: int) -> str:
    return next((label for label, known in asked.labels if known == code), "") if asked else ""


def _labels(mapped: ItemMap, asked: AskedItem | None) -> dict[str, int]:
    labels = {fold(label): code for label, code in mapped.labels.items()}
    if asked and not mapped.labels:
        for label, code in asked.labels:
            labels.setdefault(fold(label), code)
    return labels


def _check_codes(
    item_id: str, codes: tuple[tuple[int, str], ...], asked: AskedItem | None, faults: Faults
) -> None:
    if asked is None:
        return
    known = {code for _, code in asked.labels}
    strange = [code for code, _ in codes if code not in known]
    if strange:
        faults.add(
            "importing.codes_not_asked",
            Place(key=f"items.{item_id}"),
            found=", ".join(map(str, strange)),
            known=", ".join(map(str, sorted(known))),
        )


def item_codes_table(instrument: str, rules: tuple[ItemRule, ...]) -> pa.Table:
    """The snapshot's table of allowed codes."""
    rows = [
        {"instrument": instrument, "item": rule.id, "code": code, "label": label, "wording": rule.wording}
        for rule in rules
        for code, label in rule.codes
    ]
    fields = [("instrument", pa.string()), ("item", pa.string()), ("code", pa.int16())]
    return pa.Table.from_pylist(rows, pa.schema([*fields, ("label", pa.string()), ("wording", pa.string())]))
