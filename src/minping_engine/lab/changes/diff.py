"""Two loaded schemes -> what changed, sentence by sentence.

In: the scheme before and after, a language. Out: `Change`s in the order of the file: first a warning where
the version should have been raised, then the structure, values that only expressions read, thresholds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from minping_engine.lab.changes.model import WORDS_ONLY, Affected, Change, ChangeKind
from minping_engine.lab.changes.phrases import sentence_of, where_of
from minping_engine.lab.changes.reads import SURVEY, money_reads
from minping_engine.lab.changes.shown import Speaker, speaker_of
from minping_engine.lab.changes.values import Noted, raw_path, value_at, value_changes, value_places
from minping_engine.lab.changes.walk import Difference, differences
from minping_engine.scheme import Bilingual, Indicator, LoadedScheme
from minping_engine.terms import AssesseeKind, label

KINDS = {
    "indicators": ChangeKind.INDICATOR, "indicators_at_most": ChangeKind.INDICATOR, "total": ChangeKind.TOTAL,
    "adjustments": ChangeKind.ADJUSTMENT, "grading": ChangeKind.GRADE, "over_periods": ChangeKind.COUNT,
    "vetoes": ChangeKind.VETO, "cards": ChangeKind.CARD, "use": ChangeKind.USE, "facts": ChangeKind.FACT,
    "measures": ChangeKind.MEASURE, "raters": ChangeKind.RATERS, "instruments": ChangeKind.ITEM,
    "scoring": ChangeKind.SURVEY, "sampling": ChangeKind.SURVEY, "means": ChangeKind.SURVEY,
    "fairness": ChangeKind.FAIRNESS, "publication": ChangeKind.PROCESS, "objection": ChangeKind.PROCESS,
    "exclusions": ChangeKind.PROCESS, "burden": ChangeKind.PROCESS, "features": ChangeKind.PROCESS,
    "legal_basis": ChangeKind.SOURCE, "consultations": ChangeKind.SOURCE, "pilot": ChangeKind.SOURCE,
    "requirements": ChangeKind.SOURCE, "version": ChangeKind.VERSION,
}  # fmt: skip
"""By section of the file; all others are the scheme's own."""
FIRST_OF_YEAR = "-01-01"


@dataclass(frozen=True)
class _Pair:
    """Both schemes, with who speaks for them and what their values and money read."""

    before: LoadedScheme
    after: LoadedScheme
    was: Speaker
    now: Speaker
    money: frozenset[str]


@dataclass(frozen=True)
class _Found:
    """A change, the value behind it, and whether the value is the district's own."""

    change: Change
    value: str | None
    district: bool


def diff_schemes(before: LoadedScheme, after: LoadedScheme, language: str = "zh") -> list[Change]:
    """Every change from `before` to `after`; equal schemes have none."""
    was, now = speaker_of(before, language), speaker_of(after, language)
    was = speaker_of(before, language, now.titles)
    now = speaker_of(after, language, was.titles)
    pair = _Pair(before, after, was, now, money_reads(before) | money_reads(after))
    found = list(_structure(pair))
    told = frozenset(one.value for one in found if one.value)
    found += [_of_value(noted, pair) for noted in value_changes(before, after, told, now)]
    found += _thresholds(pair)
    return [*_version_warning(pair, found), *(one.change for one in found)]


def _structure(pair: _Pair) -> Iterator[_Found]:
    places = value_places(pair.before), value_places(pair.after)
    for difference in differences(pair.before.scheme, pair.after.scheme):
        name = _value_behind(difference, pair, places)
        kind = _kind(difference)
        affected = Affected(
            pair.after.scheme.assessee_kind.value,
            _since(name, pair),
            kind not in WORDS_ONLY and _reads_money(difference, pair.money),
        )
        sentence = sentence_of(difference, pair.was, pair.now) + _effect(affected, pair.now)
        change = Change(kind, where_of(difference, pair.now), sentence, affected)
        yield _Found(change, name, _is_district(name, pair))


def _value_behind(
    difference: Difference, pair: _Pair, places: tuple[dict[tuple[str | int, ...], str], ...]
) -> str | None:
    """The value that explains a difference: put at its place, and itself changed."""
    for side in (1, 0):
        name = value_at(raw_path(difference.path, side), places[side])
        was, now = pair.before.values.get(name or ""), pair.after.values.get(name or "")
        if was and now and was.value != now.value:
            return name
    return None


def _kind(difference: Difference) -> ChangeKind:
    if isinstance(difference.before, Bilingual) or isinstance(difference.after, Bilingual):
        return ChangeKind.TEXT
    fields = [leg.field for leg in difference.path]
    if fields[0] == "indicators" and "criterion" in fields:
        return ChangeKind.CRITERION
    if fields[0] == "indicators" and fields[-1] == "points":
        return ChangeKind.POINTS
    return KINDS.get(fields[0], ChangeKind.SCHEME)


def _reads_money(difference: Difference, money: frozenset[str]) -> bool:
    """Whether an amount hangs on the part that differs."""
    head = difference.path[0]
    if head.field == "indicators":
        nodes = [leg.part.id for leg in difference.path if isinstance(leg.part, Indicator)]
        return any(name in money for name in nodes)
    if head.field in {"facts", "measures", "over_periods", "vetoes", "cards"}:
        return str(head.key) in money
    marked = {"raters": "raters", "adjustments": "adjustment", "use": "use"}
    if head.field in marked:
        return f"{marked[head.field]}:{head.key}" in money
    return head.field in money


def _since(name: str | None, pair: _Pair) -> str | None:
    """The first day of the value now in force."""
    used = pair.after.values.get(name or "")
    return used.since if used and used.since[:1].isdigit() else None


def _is_district(name: str | None, pair: _Pair) -> bool:
    used = (pair.before.values.get(name or ""), pair.after.values.get(name or ""))
    return any(one is not None and one.origin == "district" for one in used)


def _effect(affected: Affected, speaker: Speaker) -> str:
    """Who is affected, from when; whether money follows."""
    words = speaker.words
    made = ""
    if affected.since:
        year, rest = affected.since[:4], affected.since[4:]
        day = words["year"].format(year=year) if rest == FIRST_OF_YEAR else affected.since
        made = words["affects"].format(day=day, kind=kind_words(affected.assessee_kind, speaker.language))
    return made + (words["money_follows"] if affected.money else "")


def kind_words(kind: str, language: str) -> str:
    """A kind of assessee as people call it."""
    return label(AssesseeKind(kind), language)


def _of_value(noted: Noted, pair: _Pair) -> _Found:
    money = noted.kind not in WORDS_ONLY and noted.value in pair.money
    affected = Affected(pair.after.scheme.assessee_kind.value, _since(noted.value, pair), money)
    effect = _effect(affected, pair.now) if noted.kind not in WORDS_ONLY else ""
    change = Change(noted.kind, noted.where, noted.sentence + effect, affected)
    return _Found(change, noted.value, _is_district(noted.value, pair))


def _thresholds(pair: _Pair) -> Iterator[_Found]:
    """Thresholds of disclosure and trust, which all schemes share."""
    was, now, words = vars(pair.before.disclosure), vars(pair.after.disclosure), pair.now.words
    for name in now:
        if was[name] != now[name]:
            where = (words["disclosure"], words.get(f"limit_{name}", name))
            sentence = words["s_changed"].format(
                subject=words["joint"].join(where), before=was[name], after=now[name]
            )
            affected = Affected(pair.after.scheme.assessee_kind.value, None, set(SURVEY) <= pair.money)
            yield _Found(Change(ChangeKind.DISCLOSURE, where, sentence, affected), None, False)


def _version_warning(pair: _Pair, found: list[_Found]) -> Iterator[Change]:
    """The rules differ, the version does not. A district's own values need no version of the scheme."""
    same = (pair.before.scheme.id, pair.before.scheme.version) == (
        pair.after.scheme.id,
        pair.after.scheme.version,
    )
    if same and any(one.change.kind not in WORDS_ONLY and not one.district for one in found):
        words = pair.now.words
        affected = Affected(pair.after.scheme.assessee_kind.value)
        sentence = words["version_not_raised"].format(version=pair.after.scheme.version)
        yield Change(ChangeKind.WARNING, (words["version"],), sentence, affected)
