"""`demo.yaml` of a scheme: who is assessed in its demonstration, and how evidence is drawn.

Keys, in the order of the file: assessees, periods, needs, facts, marks, cases, visits, ballots,
planted. `quality` always says how far a value moves with one standard deviation of the assessee's
hidden quality. What the plan must fit in its scheme is checked in `fitting`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

Share = Annotated[float, Field(ge=0, le=1)]
Spread = Annotated[float, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]
Period = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)]
"""YAML reads the year 2020 as a number."""


class PlanPart(BaseModel):
    """Base of all parts: frozen, no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False)


class Named(PlanPart):
    """An assessee that is no place: a department, an organisation, an adviser."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=40)]
    zh: Annotated[str, Field(min_length=1)]
    en: str | None = None


class Who(PlanPart):
    """Assessees: workers or places of the district, or names, once or in every street or community.

    Names may stand beside the other keys or under `from`: `{from: {names: [...]}, per: street}`.
    """

    from_: Annotated[Literal["workers", "grids", "communities", "streets"] | None, Field(alias="from")] = None
    names: tuple[Named, ...] = ()
    per: Literal["street", "community"] | None = None
    count: Positive | None = None

    @model_validator(mode="before")
    @classmethod
    def _names_from(cls, data: Any) -> Any:
        inner = data.get("from") if isinstance(data, Mapping) else None
        if not isinstance(inner, Mapping) or "names" in data:
            return data
        return {key: value for key, value in data.items() if key != "from"} | dict(inner)

    @model_validator(mode="after")
    def _one_source(self) -> Who:
        if (self.from_ is None) == (not self.names):
            raise ValueError("`assessees` needs either `from` or `names`")
        if self.per and not self.names:
            raise ValueError("`per` goes with `names`")
        if len({named.id for named in self.names}) < len(self.names):
            raise ValueError("two of `names` have the same id")
        return self


class Number(PlanPart):
    """A number drawn from a normal distribution, held between `least` and `most`."""

    around: float
    spread: Spread = 0.0
    quality: float = 0.0
    whole: bool = False
    step: Annotated[float, Field(gt=0)] | None = None
    least: float | None = None
    most: float | None = None

    @model_validator(mode="after")
    def _least_below_most(self) -> Number:
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError("`least` is above `most`")
        return self


class Mark(Number):
    """A rater's mark: whole points and nothing below 0 unless it says otherwise."""

    step: Annotated[float, Field(gt=0)] = 1.0
    least: float = 0.0


class PartOf(PlanPart):
    """The whole part of another fact."""

    part_of: str
    share: Share
    quality: float = 0.0
    spread: Spread = 0.0


class Rare(PlanPart):
    """1 with a small chance, else 0."""

    rare: Share
    quality: float = 0.0


class OneOf(PlanPart):
    """A word or number, by relative frequency."""

    one_of: Annotated[dict[int | float | str, Spread], Field(min_length=1)]

    @model_validator(mode="after")
    def _something_can_be_drawn(self) -> OneOf:
        if not sum(self.one_of.values()):
            raise ValueError("all frequencies are 0")
        return self


def _kind_of(value: Any) -> str:
    """Which way of drawing is meant, by the key that only it has."""
    known = value if isinstance(value, Mapping) else {}
    return next((key for key in ("part_of", "rare", "one_of") if key in known), "around")


FactDraw = Annotated[
    Annotated[Number, Tag("around")]
    | Annotated[PartOf, Tag("part_of")]
    | Annotated[Rare, Tag("rare")]
    | Annotated[OneOf, Tag("one_of")],
    Discriminator(_kind_of),
]
CountDraw = Annotated[
    Annotated[Number, Tag("around")] | Annotated[Rare, Tag("rare")],
    Discriminator(lambda value: "rare" if _kind_of(value) == "rare" else "around"),
]


class Flag(PlanPart):
    """A fact about a case: 1 with this chance; where `given` does not hold it does not hold either."""

    share: Share
    quality: float = 0.0
    given: str | None = None


def _as_flag(value: Any) -> Any:
    return {"share": value} if isinstance(value, int | float) and not isinstance(value, bool) else value


class Marks(PlanPart):
    """Marks of one group of raters; `kinds` says how many of the raters are of which kind."""

    raters: Positive
    kinds: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    items: Annotated[dict[str, Mark], Field(min_length=1)]


class Cases(PlanPart):
    """Service cases of each assessee. `excluded`: chance of each class of the exclusion list."""

    per_assessee: Annotated[int, Field(ge=1, le=1000)]
    flags: dict[str, Annotated[Flag, BeforeValidator(_as_flag)]] = Field(default_factory=dict)
    words: dict[str, dict[str, Spread]] = Field(default_factory=dict)
    counts: dict[str, CountDraw] = Field(default_factory=dict)
    excluded: dict[str, Share] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _shares_of_a_whole(self) -> Cases:
        if sum(self.excluded.values()) > 1:
            raise ValueError("the shares of `excluded` add up to more than 1")
        if any(not sum(words.values()) for words in self.words.values()):
            raise ValueError("all frequencies of a word are 0")
        return self


class Ballots(PlanPart):
    """Ballots of every questionnaire; `quality` and `level` in log odds of a better answer."""

    per_assessee: Annotated[int, Field(ge=1, le=2000)]
    quality: float = 0.5
    level: float = 0.0


class Plant(PlanPart):
    """What is put in place of drawn evidence, so that the demonstration shows it for sure."""

    who: Annotated[int, Field(ge=0)]
    nothing: bool = False
    same_as: Annotated[int, Field(ge=0)] | None = None
    facts: dict[str, float | str] = Field(default_factory=dict)
    quality: float | None = None
    periods: tuple[Period, ...] = ()
    """In which periods; none named = in all."""

    def holds(self, period: str) -> bool:
        """Whether it is put in place in this period."""
        return not self.periods or period in self.periods


class DemoPlan(PlanPart):
    """The file as a whole."""

    minping_demo: Literal[1]
    assessees: Who
    periods: Annotated[tuple[Period, ...], Field(min_length=1)]
    needs: tuple[str, ...] = ()
    facts: dict[str, FactDraw] = Field(default_factory=dict)
    marks: dict[str, Marks] = Field(default_factory=dict)
    cases: Cases | None = None
    visits: Number | None = None
    ballots: Ballots | None = None
    planted: tuple[Plant, ...] = ()
