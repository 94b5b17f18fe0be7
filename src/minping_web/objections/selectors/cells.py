"""What a granted objection may change: cells of evidence, batches and areas, read from the sealed snapshot.

In: an objection. Out: cells of facts, costs and figures of places with their value, raters by number without
their marks, batches with the number of their ballots. Answers of residents are never among them; what can be
chosen here is all that `services.reviewing` accepts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from minping_engine.scheme import Fact
from minping_engine.snapshot import CLUSTER, Snapshot, open_snapshot, read_parquet
from minping_web.assessments.models import AssessmentRun
from minping_web.assessments.rules.words import page_language
from minping_web.common.problems import RefusedError
from minping_web.objections.models import Objection
from minping_web.objections.rules.terms import FEWEST_OF_A_BATCH
from minping_web.objections.rules.words import Subject
from minping_web.objections.selectors.versions import newest_of
from minping_web.places.models import Area
from minping_web.places.rules.covariates import COVARIATE_OF
from minping_web.places.selectors.areas import called_by_code
from minping_web.schemes.selectors.versions import loaded
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.selectors.register import folder_of

BATCH = f"{CLUSTER}batch"
MILLI = 1000
LONGEST_WORD = 100
TEXT, TRUTH = "text", "truth"
WHOLE = frozenset({"fen", "households", "persons", "times"})
"""Units of facts that are counted: no half of a household (as evidence is taken in, `appraisals`)."""
KEYS = {
    "facts": ("assessee_id", "fact"),
    "costs": ("assessee_id",),
    "area_covariates": ("area_id", "covariate"),
    "appraisals": ("assessee_id", "rater_group", "rater"),
}
"""Tables that may be corrected, with the columns that name what is corrected."""
OFFERED = {
    Subject.FACT: ("facts", "costs"),
    Subject.APPRAISAL: ("appraisals",),
    Subject.PLACE_DATA: ("area_covariates",),
    Subject.BATCH: (),
    Subject.ROUND: (),
    Subject.AUTOMATED: tuple(KEYS),
    Subject.OTHER: tuple(KEYS),
}
LEAVES_OUT = frozenset({Subject.BATCH, Subject.ROUND, Subject.AUTOMATED, Subject.OTHER})


@dataclass(frozen=True)
class Cell:
    """One value that can be corrected. `column` is empty where only whole rows go (marks of a rater)."""

    token: str
    table: str
    key: dict[str, Any]
    column: str
    label: str
    value: str
    may_remove: bool = True
    allowed: tuple[tuple[str, str], ...] = ()
    """Values that the scheme lets it be, with their words; empty where any will do."""
    is_whole: bool = False

    def parsed(self, text: str) -> str:
        """The new value in one form; raises `RefusedError` for what the scheme would not take."""
        if self.allowed:
            return self._chosen(text.strip())
        if self.column == "text":
            if len(text.strip()) > LONGEST_WORD:
                raise RefusedError.of("objections.word_too_long", value=text.strip()[:20], most=LONGEST_WORD)
            return text.strip()
        number = self._number(text)
        if self.is_whole and number != number.to_integral_value():
            raise RefusedError.of("objections.value_not_whole", value=text, what=self.label)
        return _plain(number)

    def _chosen(self, text: str) -> str:
        if text not in dict(self.allowed):
            known = "、".join(value for value, _words in self.allowed)
            raise RefusedError.of("objections.word_unknown", value=text[:40], what=self.label, known=known)
        return text

    def _number(self, text: str) -> Decimal:
        try:
            number = Decimal(text.strip())
            whole = number * MILLI
            if not number.is_finite() or abs(whole) > 10**15 or whole != whole.to_integral_value():
                raise InvalidOperation
        except InvalidOperation:
            raise RefusedError.of("objections.value_wrong", value=text) from None
        return number


@dataclass(frozen=True)
class Batch:
    """Interviews of one batch in the places of the objection; a batch counts as a whole."""

    number: int
    ballots: int

    @property
    def may_go(self) -> bool:
        """Whether it is more than single ballots."""
        return self.ballots >= FEWEST_OF_A_BATCH


@dataclass(frozen=True)
class Choices:
    """Everything that the decision on an objection may change."""

    cells: tuple[Cell, ...]
    batches: tuple[Batch, ...]
    areas: tuple[tuple[str, str], ...]
    """Code and name of areas whose whole round may be left out."""

    def cell(self, token: str) -> Cell | None:
        """The one that a form names."""
        return next((one for one in self.cells if one.token == token), None)


def choices_of(objection: Objection) -> Choices:
    """What a decision on it may change."""
    run, subject = objection.preview.run, Subject(objection.subject)
    opened = opened_newest(run)
    codes = _codes(objection, opened)
    cells = tuple(_cells(objection, opened, codes))
    if subject not in LEAVES_OUT:
        return Choices(cells, (), ())
    names = called_by_code(codes)
    areas = tuple((code, names.get(code, code)) for code in codes)
    return Choices(
        cells,
        () if subject == Subject.ROUND else batches_in(opened, codes),
        () if subject == Subject.BATCH else areas,
    )


def opened_of(run: AssessmentRun) -> Snapshot:
    """The sealed input of a run."""
    return _opened(run.snapshot)


def opened_newest(run: AssessmentRun) -> Snapshot:
    """The newest sealed input of its round: what is granted is carried out there, so it is chosen there."""
    return _opened(newest_of(run.round_id) or run.snapshot)


def _opened(sealed: SealedSnapshot) -> Snapshot:
    folder = folder_of(sealed)
    if not folder.is_dir():
        raise RefusedError.of("snapshots.folder_gone", folder=sealed.folder)
    return open_snapshot(folder)


def areas_asked(opened: Snapshot) -> dict[str, int]:
    """Rated areas by code, with the number of the target."""
    return {row["area_id"]: row["target"] for row in opened.table("targets").to_pylist()}


def batches_in(opened: Snapshot, codes: list[str] | None = None) -> tuple[Batch, ...]:
    """Batches that touch these areas (None: all), each with the ballots of the whole batch."""
    asked = areas_asked(opened)
    targets = {asked[code] for code in codes if code in asked} if codes is not None else set(asked.values())
    whole: Counter[int] = Counter()
    touched: set[int] = set()
    for part in opened.parts:
        ballots = read_parquet(part.path)
        if BATCH not in ballots.column_names:
            continue
        for row in ballots.group_by(["target", BATCH]).aggregate([("ballot_id", "count")]).to_pylist():
            if row[BATCH] is not None:
                whole[row[BATCH]] += row["ballot_id_count"]
                touched |= {row[BATCH]} if row["target"] in targets else set()
    return tuple(Batch(number, whole[number]) for number in sorted(touched))


def _codes(objection: Objection, opened: Snapshot) -> list[str]:
    """Rated areas of the person, or of the place and all in it."""
    asked = areas_asked(opened)
    if objection.result is not None and objection.result.person_id:
        by_target = {target: code for code, target in asked.items()}
        rows = opened.table("postings").to_pylist()
        mine = {row["target"] for row in rows if row["assessee_id"] == objection.result.assessee_id}
        return sorted(by_target[target] for target in mine if target in by_target)
    if objection.area is None:
        return []
    inside = Area.objects.filter(code__in=asked, path__startswith=objection.area.path)
    return sorted(inside.values_list("code", flat=True))


def _cells(objection: Objection, opened: Snapshot, codes: list[str]) -> Iterator[Cell]:
    who = objection.result.assessee_id if objection.result else ""
    for table in OFFERED[Subject(objection.subject)]:
        if table == "area_covariates":
            own = [objection.area.code] if objection.area else []
            yield from _covariates(opened, {*codes, *own})
        elif who:
            yield from _OF_ASSESSEE[table](objection, opened, who)


def _covariates(opened: Snapshot, codes: set[str]) -> Iterator[Cell]:
    names = called_by_code(codes)
    for row in _rows(opened, "area_covariates"):
        if row["area_id"] in codes:
            known = COVARIATE_OF.get(row["covariate"])
            what = known.label if known else row["covariate"]
            label = f"{names.get(row['area_id'], row['area_id'])} · {what}"
            yield _cell("area_covariates", row, "value", label, _plain(Decimal(str(row["value"]))))


def _facts(objection: Objection, opened: Snapshot, who: str) -> Iterator[Cell]:
    """Facts that are there, then those that the scheme asks for and nobody told."""
    known = {one.id: one for one in loaded(objection.preview.run.scheme, demo=settings.DEMO).scheme.facts}
    rows = {row["fact"]: row for row in _rows(opened, "facts") if row["assessee_id"] == who}
    for name, row in rows.items():
        is_text = row["value_milli"] is None
        value = row["text"] or "" if is_text else _plain(Decimal(row["value_milli"]) / MILLI)
        yield _fact(row, known.get(name), value, is_text=is_text)
    for name in sorted(known.keys() - rows.keys()):
        row, is_text = {"assessee_id": who, "fact": name}, known[name].unit == TEXT
        yield replace(_fact(row, known[name], "", is_text=is_text), may_remove=False)


def _fact(row: dict[str, Any], fact: Fact | None, value: str, *, is_text: bool) -> Cell:
    """The cell of a fact, with what the scheme lets it be; None = a fact that the scheme does not know."""
    label = fact.title.of(page_language()) if fact else row["fact"]
    cell = _cell("facts", row, "text" if is_text else "value_milli", label, value)
    if fact is None:
        return cell
    words = tuple((word, word) for word in fact.choices)
    truth = (("1", _("Yes")), ("0", _("No"))) if fact.unit == TRUTH else ()
    return replace(cell, allowed=words if is_text else truth, is_whole=fact.unit in WHOLE)


def _costs(objection: Objection, opened: Snapshot, who: str) -> Iterator[Cell]:
    for row in _rows(opened, "costs"):
        if row["assessee_id"] == who:
            yield _cell("costs", row, "yuan", _("Costs (yuan)"), _plain(Decimal(str(row["yuan"]))))


def _appraisals(objection: Objection, opened: Snapshot, who: str) -> Iterator[Cell]:
    """Raters by group and number; their marks are nobody's business here."""
    found: dict[tuple[str, int], int] = Counter()
    for row in _rows(opened, "appraisals"):
        if row["assessee_id"] == who:
            found[row["rater_group"], row["rater"]] += 1
    run, language = objection.preview.run, page_language()
    scheme = loaded(run.scheme, demo=settings.DEMO).scheme
    named = {one.id: one.title.of(language) for one in scheme.raters}
    for group, rater in sorted(found):
        key = {"assessee_id": who, "rater_group": group, "rater": rater}
        label = _("%(group)s, rater %(number)s") % {"group": named.get(group, group), "number": rater}
        yield _cell("appraisals", key, "", label, "")


_OF_ASSESSEE = {"facts": _facts, "costs": _costs, "appraisals": _appraisals}


def _rows(opened: Snapshot, table: str) -> list[dict[str, Any]]:
    if not opened.has(table):
        return []
    found: list[dict[str, Any]] = opened.table(table).to_pylist()
    return found


def _cell(table: str, row: dict[str, Any], column: str, label: str, value: str) -> Cell:
    key = {name: row[name] for name in KEYS[table]}
    token = "-".join([table, *(str(part) for part in key.values())])
    return Cell(token, table, key, column, label, value)


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
