"""Counts that the public sees beside a result, labelled in the language of the page."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from minping_web.objections.rules.words import Outcome

SHOWN = (Outcome.GRANTED, Outcome.PARTLY, Outcome.REFUSED, Outcome.WITHDRAWN)


def told_counts(counts: dict[str, Any]) -> list[tuple[str, int]]:
    """(label, count): objections with their outcomes, what was left out.

    Noughts are told as well: that nobody objected is a fact, and so is that nothing was left out (D8).
    """
    objections, excluded = counts["objections"], counts["exclusions"]
    told = [(_("Objections"), objections["all"])]
    if objections["all"]:
        told += [(f"– {one.label}", objections[one.value]) for one in SHOWN]
    told += [
        (_("Areas whose round was left out"), excluded["areas"]),
        (_("Batches of interviews that were left out"), excluded["batches"]),
    ]
    if left_out := counts["ballots_left_out"]:
        told.append((_("Ballots in them"), left_out))
    if appeals := counts["appeals"]["all"]:
        told.append((_("Appeals against that"), appeals))
    return told
