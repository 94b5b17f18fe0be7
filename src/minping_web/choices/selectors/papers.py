"""The protocol as a paper: facts, tables and lines to sign, in a language; for the page and for the PDF.

In: a matched choice. Out: texts. The drawn value stands with both names, and with every other value that was
proposed, so that nobody has to ask whether somebody tried.
"""

from __future__ import annotations

from datetime import datetime

from django.utils import translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from minping_engine.errors import Language
from minping_engine.reporting import ProtocolSheet, SheetTable
from minping_web.choices.models import TieRule, TwoWayChoice
from minping_web.choices.selectors.protocol import protocol_tables
from minping_web.choices.selectors.values import other_values

LANGUAGES: tuple[Language, ...] = ("zh", "en")


def sheet_of(choice: TwoWayChoice, language: Language) -> ProtocolSheet:
    """What the engine prints; `choice` is sealed."""
    tables = protocol_tables(choice, language)
    with spoken(language):
        day = localtime(choice.agreed_at or choice.made_at).date()
        return ProtocolSheet(
            language,
            _("Protocol of a two-way choice"),
            choice.name,
            tuple(facts_of(choice)),
            tuple(SheetTable(one.title, one.columns, one.rows) for one in tables),
            (_("For the office: name, date"), _("For the communities: name, date")),
            _("Hash of the protocol") + f" {choice.protocol_sha256}",
            (day.year, day.month, day.day),
        )


def spoken(language: Language) -> translation.override:
    """Texts of the product in the language of the paper."""
    return translation.override("en" if language == "en" else "zh-hans")


def facts_of(choice: TwoWayChoice) -> list[tuple[str, str]]:
    """Where, when, by which rules, with which hashes; in the language in force."""
    told = [
        (_("Street or district"), choice.area.name),
        (_("People choose"), f"{_moment(choice.choose_from)} – {_moment(choice.choose_until)}"),
        (_("Communities choose back until"), _moment(choice.choose_back_until)),
        (_("New postings from"), str(choice.takes_effect_on)),
        (_("Who proposes"), str(choice.get_proposing_display())),
        (_("Who goes first among equals"), str(choice.get_ties_display())),
        *_draw(choice),
        (_("Posted at"), _moment(choice.posted_at)),
        (_("Hash of the posting"), choice.posted_sha256),
        (_("Hash of all lists"), choice.lists_sha256),
    ]
    if choice.protocol_sha256:
        told += [
            (_("Hash of the protocol"), choice.protocol_sha256),
            (_("Sealed"), f"{_moment(choice.agreed_at)} · {choice.agreed_by}"),
        ]
    return told


def _draw(choice: TwoWayChoice) -> list[tuple[str, str]]:
    """The public draw with both who let its value count."""
    if choice.ties != TieRule.DRAW:
        return []
    told = [(_("Public draw"), f"{choice.seed_source}, {choice.seed_on}, {choice.seed_form}")]
    if choice.seed_value:
        told += [
            (_("Drawn value"), choice.seed_value),
            (_("Entered by"), str(choice.value_by)),
            (_("Compared and approved by"), str(choice.value_approved_by)),
        ]
    if others := other_values(choice.pk, choice.seed_value):
        told.append((_("Other values that were proposed"), ", ".join(others)))
    return told


def _moment(moment: datetime | None) -> str:
    return f"{localtime(moment):%Y-%m-%d %H:%M}" if moment else ""
