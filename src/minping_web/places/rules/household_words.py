"""A suggestion of the household rule in sentences: why, what results, what the system cannot know."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from minping_web.places.rules.household_rule import LEAST, MOST, Piece, Suggestion


def heading_of(suggestion: Suggestion) -> str:
    """The grids that it is about."""
    return _(" and ").join(grid.name for grid in suggestion.grids)


def sentences_of(suggestion: Suggestion) -> list[str]:
    """Why, what results, what is not known; and when nothing better was found."""
    say = {"merge": _merge, "split": _split, "hand_over": _hand_over, "recut": _recut}[suggestion.kind]
    told = say(suggestion)
    if not suggestion.fits:
        told.append(
            _("Nothing was found here that ends within the rule; look at the neighbours on the ground.")
        )
    return told


def _names(suggestion: Suggestion) -> str:
    return _(" and ").join(f"{grid.name} ({grid.households})" for grid in suggestion.grids)


def _ground(suggestion: Suggestion) -> str:
    if suggestion.touching:
        return _("Their outlines touch; whether a road or wall parts them is not in the data.")
    return _("Only their codes follow each other; whether they touch on the ground is not in the data.")


def _merge(merge: Suggestion) -> list[str]:
    small = min(merge.grids, key=lambda grid: grid.households)
    result = (
        _("Together they have {all} households, within {least} to {most}.")
        if merge.fits
        else _("Together they have {all} households: nearer to the rule, still below {least}.")
    )
    numbers = {"small": small.name, "all": merge.households, "least": LEAST, "most": MOST}
    why = _("Merge {names}: {small} has fewer than {least} households.")
    return [why.format(names=_names(merge), **numbers), result.format(**numbers), _ground(merge)]


def _split(split: Suggestion) -> list[str]:
    grid = split.grids[0]
    numbers = {
        "name": grid.name, "all": grid.households, "most": MOST, "parts": split.parts,
        "each": round(grid.households / split.parts),
    }  # fmt: skip
    why = _("Split {name}: it has {all} households, more than {most}.").format(**numbers)
    if split.along:
        parts = " + ".join(_part(part) for part in split.along)
        return [why, _("Along its responsibility areas: {parts}.").format(parts=parts)]
    result = _("{parts} parts would have about {each} households each.").format(**numbers)
    ground = _("Which buildings go together, and where a gate or road parts them, is not in the data.")
    return [why, result, ground]


def _part(pieces: Sequence[Piece]) -> str:
    names = pgettext("between the words of a list", ", ").join(piece.name for piece in pieces)
    return f"{names} {sum(piece.households for piece in pieces)}"


def _hand_over(two: Suggestion) -> list[str]:
    small, large = sorted(two.grids, key=lambda grid: grid.households)
    numbers = {
        "small": small.name, "large": large.name, "few": small.households, "many": large.households,
        "handed": two.handed, "left": large.households - two.handed, "grown": small.households + two.handed,
    }  # fmt: skip
    why = _("{large} ({many}) hands buildings with at least {handed} households to {small} ({few}).")
    result = _("They would then have {left} and {grown} households, both within the rule.")
    fitting = [
        f"{piece.name} {piece.households}"
        for piece in large.pieces
        if two.handed <= piece.households <= min(large.households - LEAST, MOST - small.households)
    ]
    told = [why.format(**numbers), result.format(**numbers)]
    if fitting:
        words = _("A whole responsibility area would do: {pieces}.")
        told.append(words.format(pieces=pgettext("between the words of a list", ", ").join(fitting)))
    return [*told, _ground(two)]


def _recut(recut: Suggestion) -> list[str]:
    numbers = {
        "names": _names(recut), "count": len(recut.grids), "parts": recut.parts, "all": recut.households,
        "each": round(recut.households / recut.parts),
    }  # fmt: skip
    why = _("Cut {names} anew: {count} grids become {parts}.")
    result = _("Of {all} households together each would have about {each}, within the rule.")
    return [why.format(**numbers), result.format(**numbers), _ground(recut)]
