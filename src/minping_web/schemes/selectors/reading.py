"""A scheme as templates set it: blocks of the manual, values by name, what differs between versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from minping_engine.lab import ChangeKind, diff_schemes
from minping_engine.scheme import DescribedValue, LoadedScheme, Manual, describe_scheme, values_in_words
from minping_web.schemes.selectors.library import page_language

Shown = list[tuple[str, list[tuple[str, object]]]]
"""(title of the chapter, its blocks as (kind, block))."""
VALUES_CHAPTER = 5
"""After the five parts of S18: the page has a table of its own in its place, wider than paper."""

CHANGED: dict[ChangeKind, str | Promise] = {
    ChangeKind.VALUE: pgettext_lazy("scheme", "Value"),
    ChangeKind.POINTS: pgettext_lazy("scheme", "Points"),
    ChangeKind.CRITERION: pgettext_lazy("scheme", "Criterion"),
    ChangeKind.INDICATOR: pgettext_lazy("scheme", "Indicator"),
    ChangeKind.TOTAL: pgettext_lazy("scheme", "Total score"),
    ChangeKind.ADJUSTMENT: pgettext_lazy("scheme", "Bonus and deduction"),
    ChangeKind.GRADE: pgettext_lazy("scheme", "Grade"),
    ChangeKind.COUNT: pgettext_lazy("scheme", "Count over periods"),
    ChangeKind.VETO: pgettext_lazy("scheme", "Veto"),
    ChangeKind.CARD: pgettext_lazy("scheme", "Card"),
    ChangeKind.USE: pgettext_lazy("scheme", "Use of results"),
    ChangeKind.FACT: pgettext_lazy("scheme", "Fact"),
    ChangeKind.MEASURE: pgettext_lazy("scheme", "Measure"),
    ChangeKind.RATERS: pgettext_lazy("scheme", "Raters"),
    ChangeKind.ITEM: pgettext_lazy("scheme", "Questionnaire"),
    ChangeKind.SURVEY: pgettext_lazy("scheme", "Survey"),
    ChangeKind.FAIRNESS: pgettext_lazy("scheme", "Fairness"),
    ChangeKind.PROCESS: pgettext_lazy("scheme", "Procedure"),
    ChangeKind.DISCLOSURE: pgettext_lazy("scheme", "Threshold of disclosure"),
    ChangeKind.SCHEME: pgettext_lazy("scheme", "Scheme"),
    ChangeKind.VERSION: pgettext_lazy("scheme", "Version"),
    ChangeKind.SOURCE: pgettext_lazy("scheme", "Source"),
    ChangeKind.TEXT: pgettext_lazy("scheme", "Wording"),
    ChangeKind.WARNING: pgettext_lazy("scheme", "Mind"),
}


@dataclass(frozen=True)
class ChangeLine:
    """One difference in words; `warns` where it says that something is wrong with the difference itself."""

    part: str
    sentence: str
    money: bool
    warns: bool


def manual_of(scheme: LoadedScheme) -> Manual:
    """The scheme in words, in the language of the page."""
    return describe_scheme(scheme, page_language())


def chapters(manual: Manual | None) -> Shown:
    """Blocks are `line`, `heading`, `lines`, `table` (rows of (column's name, cell)) or `values`."""
    if manual is None:
        return []
    return [
        (chapter.title, [("values", None)] if number == VALUES_CHAPTER else list(_blocks(chapter.blocks)))
        for number, chapter in enumerate(manual.chapters)
    ]


def _blocks(blocks: Sequence[object]) -> Iterator[tuple[str, object]]:
    for block in blocks:
        head, rows = getattr(block, "head", None), getattr(block, "rows", None)
        if head is None or rows is None:
            yield type(block).__name__.lower(), block
        else:
            yield "table", {"head": head, "rows": [list(zip(head, row, strict=True)) for row in rows]}


def values_of(scheme: LoadedScheme | None) -> tuple[DescribedValue, ...]:
    """Every value in use by its name, in the language of the page."""
    return values_in_words(scheme, page_language()) if scheme else ()


def differences(before: LoadedScheme, after: LoadedScheme) -> list[ChangeLine]:
    """What changed, sentence by sentence; what no result hangs on comes as well."""
    return [
        ChangeLine(
            str(CHANGED[change.kind]),
            change.sentence,
            change.affected.money,
            change.kind is ChangeKind.WARNING,
        )
        for change in diff_schemes(before, after, page_language())
    ]
