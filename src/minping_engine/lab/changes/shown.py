"""Values of schemes as people read them: numbers with their unit, ids by their titles, closed words in words.

In: a value, the class and field where it stands. Out: text in one language. Amounts and expressions are
told as in the manual (`scheme.describe`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from minping_engine.reporting.texts import texts
from minping_engine.scheme import MILLI, Bilingual, LoadedScheme, Unit
from minping_engine.scheme.describe.spoken import Spoken
from minping_engine.scheme.describe.titles import Named, Titles, titles_of
from minping_engine.scheme.describe.wording import Wording
from minping_engine.scheme.model import Part, Step
from minping_engine.terms import AssesseeKind, PeriodKind, label

MILLI_POINTS = {
    ("Answer", "points"), ("Band", "from_points"), ("Total", "points"),
    ("ChanceGrades", "excellent_from"), ("ChanceGrades", "support_below"),
}  # fmt: skip
"""Kept in thousandths of a point."""
POINTS = {"points", "from_points", "cap", "floor", "score_at_most", "noticeable_points", "selection_bound"}
UNITS = {
    "days": Unit.DAYS, "minutes": Unit.MINUTES, "minutes_at_most": Unit.MINUTES,
    "survey_minutes": Unit.MINUTES, "meetings": Unit.TIMES, "shares": Unit.SHARE,
    "minimum": Unit.PERSONS, "maximum": Unit.PERSONS, "signatures": Unit.PERSONS, "decided_by": Unit.PERSONS,
    "by_grade": Unit.FEN, "by_rank": Unit.FEN, "budget": Unit.FEN,
    "counts": Unit.SHARE, "at_mean": Unit.SHARE, "per_sd": Unit.SHARE,
}  # fmt: skip
OF_MEASURE = {"from_", "to", "full_from", "per"}
"""Counted in the unit of the indicator's measure."""
EXPRESSIONS = {"when", "numerator", "denominator", "amount", "weights", "applies"}
EXPRESSIONS_OF = {("Formula", "value"), ("FormulaPoints", "value"), ("Adjustment", "points")}
NAMED = {"measure", "item", "items", "drivers_of", "raters", "bars", "instrument"}
GRADES = {"grade", "grade_at_most", "by_grade"}
PREFIXES = {
    "basis": "basis", "to": "to", "what": "what", "colour": "colour", "effect": "effect", "whose": "whose",
    "aggregate": "agg", "level": "level", "attribute": "attr", "unit": "u", "grade": "grade", "ties": "ties",
    "variable": "var", "margins": "var", "nonresponse": "var", "id": "feature",
}  # fmt: skip
"""Closed words by field: how their keys begin among the words of the manual."""
SAID_ELSEWHERE = {"id", "title", "text", "label", "of", "kind", "grade"}
"""Fields that name a part."""


@dataclass(frozen=True)
class Speaker:
    """Says values of one scheme in one language; `here` has titles of parts that others name by id."""

    language: str
    words: Mapping[str, str]
    wording: Wording
    titles: Titles
    here: Mapping[str, str] = field(default_factory=dict)

    def field_name(self, owner: str, name: str) -> str:
        """What a field is called."""
        return self.words.get(f"{owner}.{name}") or self.words.get(name) or name

    def noun(self, part: object) -> str:
        """What a part is: an indicator, a fact."""
        return self.words.get(f"part_{type(part).__name__}", "")

    def value(self, value: Any, owner: str = "", name: str = "", unit: Unit | None = None) -> str:
        """Any value in full; `unit` is that of the measure it stands for."""
        return self._value(value, owner, name, unit)

    def contents(self, value: Any, owner: str = "", name: str = "", unit: Unit | None = None) -> str:
        """The same without the title of a part, which stands beside it."""
        if isinstance(value, Part) and not isinstance(value, Bilingual):
            return self.wording.listed(self._rows(value, unit)) or self.words["nothing"]
        return self._value(value, owner, name, unit)

    def _value(self, value: Any, owner: str, name: str, unit: Unit | None) -> str:
        if value is None:
            return self.words["nothing"]
        if isinstance(value, bool):
            return self.words["t_yes" if value else "t_no"]
        if isinstance(value, int | float | Fraction):
            return self._number(value, owner, name, unit)
        if isinstance(value, Bilingual):
            return self._quoted(value.of(self.language))
        if isinstance(value, Step):
            return self.words["s_step"].format(
                start=self._value(value.from_, "Step", "from_", unit),
                points=self._value(value.points, "Step", "points", unit),
            )
        if isinstance(value, Part):
            return self._part(value, unit)
        if isinstance(value, Mapping):
            rows = [
                f"{self._key(key, name)} {self._value(one, owner, name, unit)}" for key, one in value.items()
            ]
            return self.wording.listed(rows) or self.words["nothing"]
        if isinstance(value, tuple | list):
            return (
                self.wording.listed(self._value(one, owner, name, unit) for one in value)
                or self.words["nothing"]
            )
        return self._word(str(value), owner, name)

    def _key(self, key: object, name: str) -> str:
        return self.titles.grades.get(str(key), str(key)) if name in GRADES else self._word(str(key), "", "")

    def _number(self, value: float | Fraction, owner: str, name: str, unit: Unit | None) -> str:
        if (owner, name) in MILLI_POINTS:
            return self.wording.points(Fraction(int(value), MILLI))
        exact = Fraction(str(value))
        if name in OF_MEASURE:
            return self.wording.amount(exact, unit)
        return self.wording.amount(exact, self._unit(name))

    def _unit(self, name: str) -> Unit | None:
        if name in POINTS:
            return Unit.POINTS
        return Unit.PERCENT if name.endswith("percent") else UNITS.get(name)

    def _word(self, text: str, owner: str, name: str) -> str:
        """An expression, an id, a grade, a closed word; else the text itself, quoted."""
        if name in EXPRESSIONS or (owner, name) in EXPRESSIONS_OF:
            return self._quoted(Spoken(self.wording, self.titles, self._beside()).words(text))
        if name in NAMED and text in self.here:
            return self._quoted(self.here[text])
        if name in GRADES and text in self.titles.grades:
            return self._quoted(self.titles.grades[text])
        for key in (f"{owner}.{name}.{text}", f"word_{text}"):
            if key in self.words:
                return self.words[key]
        key = f"{'use' if (owner, name) == ('Use', 'kind') else PREFIXES.get(name, '-')}_{text}"
        return self.wording.say(key) if self.wording.knows(key) else self._kind(text)

    def _kind(self, text: str) -> str:
        for kinds in (AssesseeKind, PeriodKind):
            if text in set(kinds):
                return label(kinds(text), self.language)
        return self._quoted(text)

    def _beside(self) -> tuple[tuple[str, str], ...]:
        return (("measure", self.words["this_measure"]),)

    def _quoted(self, text: str) -> str:
        return self.wording.say("quoted", text=text)

    def _part(self, part: Part, unit: Unit | None) -> str:
        """Its name, or its kind, and what was written of it in brackets."""
        kind = getattr(part, "kind", None) or getattr(part, "of", None)
        head = named(part, self.language) or (
            self._word(str(kind), type(part).__name__, "kind") if kind else ""
        )
        body = self.wording.listed(self._rows(part, unit))
        if head and body:
            return f"{head}{self.wording.say('bracketed', text=body)}"
        return head or body or self.words["set"]

    def _rows(self, part: Part, unit: Unit | None) -> list[str]:
        owner = type(part).__name__
        return [
            f"{self.field_name(owner, name)} {self._value(getattr(part, name), owner, name, unit)}"
            for name in type(part).model_fields
            if name in part.model_fields_set
            and (name not in SAID_ELSEWHERE or (owner, name) == ("Source", "grade"))
        ]


def named(part: object, language: str) -> str:
    """The title of a part, or its label or text; quoted by who uses it. Empty without one."""
    for name in ("short", "title", "label", "text", "with_"):
        text = getattr(part, name, None)
        if isinstance(text, Bilingual):
            return text.of(language)
        if isinstance(text, str) and name == "title":
            return text
    return ""


def speaker_of(loaded: LoadedScheme, language: str, others: Titles | None = None) -> Speaker:
    """The speaker of a scheme; names that only the other scheme has are taken from there."""
    wording = Wording(language)
    own = titles_of(loaded, wording)
    plain = {name: Named(one.title, one.unit, is_event=one.is_event) for name, one in own.names.items()}
    extra = others.names if others else {}
    titles = Titles({**extra, **plain}, {**(others.grades if others else {}), **own.grades})
    return Speaker(language, texts("lab", language), wording, titles, _ids(loaded, language))


def _ids(loaded: LoadedScheme, language: str) -> dict[str, str]:
    """Titles of everything that other parts name by id."""
    scheme = loaded.scheme
    parts: list[Any] = [*scheme.facts, *scheme.measures, *scheme.raters, *scheme.use, *scheme.instruments]
    parts += [item for form in scheme.instruments for item in form.items]
    return {part.id: named(part, language) for part in parts}
