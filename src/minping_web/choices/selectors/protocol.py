"""The protocol of a two-way choice as tables of texts, and what a mediation parts, in words.

In: a matched choice and a language. Out: the engine's tables with names for ids, then every mediation with
its reason and who signed when, and every deadline that was extended.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from minping_engine.errors import Language
from minping_engine.matching import ProtocolTable, blocking_in_words, protocol_of
from minping_web.choices.models import Mediation, Signature, TwoWayChoice
from minping_web.choices.selectors.markets import Book

ENGINE_ID = re.compile(r"\b[PG]\d{7,}\b")


@dataclass(frozen=True)
class Table:
    """A table with its heading."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def named_rows(self) -> list[list[tuple[str, str]]]:
        """Rows of (column, cell)."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]


def protocol_tables(choice: TwoWayChoice, language: Language) -> list[Table]:
    """All tables of the protocol in that language."""
    book = Book(choice)
    changes = net_changes(choice)
    done = book.mediated(choice.first_pairs, changes) if changes else book.matching(choice.pairs)
    with translation.override("en" if language == "en" else "zh-hans"):
        tables = [_named(book, table) for table in protocol_of(done, language)]
        return [*tables, *_mediations(choice, book), *_extensions(choice)]


def net_changes(choice: TwoWayChoice) -> list[tuple[int, int]]:
    """(candidate, grid or 0) of everybody who is elsewhere than the engine put them."""
    before = dict(choice.first_pairs)
    after = dict(choice.pairs)
    people = sorted({*before, *after})
    return [(who, after.get(who, 0)) for who in people if before.get(who, 0) != after.get(who, 0)]


def _named(book: Book, table: ProtocolTable) -> Table:
    rows = (tuple(named(book, cell) for cell in row) for row in table.rows)
    return Table(table.title, table.columns, tuple(row for row in rows))


def named(book: Book, text: str) -> str:
    """A text with names for the engine's ids."""
    return ENGINE_ID.sub(lambda found: book.name_of(found[0]) or found[0], text)


def _mediations(choice: TwoWayChoice, book: Book) -> list[Table]:
    found = list(choice.mediations.select_related("proposed_by").prefetch_related("signatures__user"))
    if not found:
        return []
    columns = (_("No."), pgettext("mediation", "Changes"), _("Reason"), _("State"), _("Signatures"))
    rows = tuple(
        (
            str(one.number),
            "; ".join(changes_in_words(book, one)),
            one.reason,
            f"{one.get_state_display()} {one.ended_reason}".strip(),
            "; ".join(_signed(book, signature) for signature in one.signatures.all() if signature.signed_at),
        )
        for one in found
    )
    return [Table(_("Mediations"), columns, rows)]


def _extensions(choice: TwoWayChoice) -> list[Table]:
    found = list(choice.extensions.select_related("made_by"))
    if not found:
        return []
    columns = (_("Deadline"), _("Before"), _("After"), _("Reason"), _("By"))
    rows = tuple(
        (
            str(one.get_deadline_display()),
            f"{localtime(one.before):%Y-%m-%d %H:%M}",
            f"{localtime(one.after):%Y-%m-%d %H:%M}",
            one.reason,
            f"{one.made_by}, {localtime(one.made_at):%Y-%m-%d %H:%M}",
        )
        for one in found
    )
    return [Table(_("Extended deadlines"), columns, rows)]


def changes_in_words(book: Book, mediation: Mediation) -> list[str]:
    """Who goes from where to where."""
    nobody = _("no grid")
    place = {pk: grid.placed for pk, grid in book.grids.items()}
    return [
        f"{who}: {place.get(start, nobody)} → {place.get(end, nobody)}"
        for who, start, end in (
            (book.name_of(book.candidates[one].engine_id), *both) for one, *both in mediation.changes
        )
    ]


def side_in_words(book: Book, signature: Signature) -> str:
    """In whose name a signature stands."""
    if signature.candidate_id:
        return book.name_of(book.candidates[signature.candidate_id].engine_id)
    if signature.grid_id:
        return book.grids[signature.grid_id].placed
    return str(signature.get_side_display())


def _signed(book: Book, signature: Signature) -> str:
    moment = f"{localtime(signature.signed_at):%Y-%m-%d %H:%M}" if signature.signed_at else ""
    return f"{side_in_words(book, signature)} ({signature.user}, {moment})"


@dataclass(frozen=True)
class Parted:
    """What changes do to who would rather have each other, and pairs that no list foresaw."""

    made: list[str]
    ended: list[str]
    unlisted: list[str]


def parted_by(
    choice: TwoWayChoice, wanted: Sequence[Sequence[int]], book: Book, language: Language
) -> Parted:
    """In words; raises the engine's `InputError` for changes that cannot be."""
    done = book.mediated(choice.pairs, wanted)
    return Parted(
        [blocking_in_words(book.named_pair(new.pair), language) for new in done.made],
        [blocking_in_words(book.named_pair(pair), language) for pair in done.ended],
        [f"{book.name_of(pair.person_id)} → {book.name_of(pair.position_id)}" for pair in done.unlisted],
    )
