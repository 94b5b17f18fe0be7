"""The design of a round as it stands in `SurveyRound.design`: read, checked, written; the draw's own design.

In: JSON of whole numbers and words, as the form and the interface write it. Out: a frozen `Design`, or all
problems at once. Money is in fen, shares in per cent. The engine's design (`for_draw`) is what the seed is
named with; response, prices and reserves serve the forecast and fieldwork only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from minping_engine.errors import Place, Problem, Severity
from minping_engine.sampling import Design as DrawDesign
from minping_engine.sampling import Stratum
from minping_engine.terms import Mode
from minping_web.frames.rules import Instrument, Special, values
from minping_web.rounds.rules.words import Channel, Reserves

AUDIENCES = tuple(values(Instrument.choices))
SPECIALS = tuple(value for value in values(Special.choices) if value)
USUAL_RESPONSE = {1: 60, 2: 25, 3: 15, 4: 10, 5: 10, 6: 10}
"""Per cent that answer by each mode, to begin with: assumptions; the last round's figures are better."""
USUAL_PRICE_FEN = {1: 2000, 2: 500, 3: 7, 4: 120, 5: 150, 6: 0}
"""Fen for one attempt by each mode, to begin with: assumptions, to be replaced by the contracts' prices."""
MOST_REST, MOST_PER_AREA = 12, 100_000
LEAST_RELEASED = 5
"""Fewer ballots of a questionnaire in an area are counted, never released (`snapshots.rules.generalise`)."""


@dataclass(frozen=True)
class Design:
    """How a round draws and asks. `per_area` None = all; `areas` empty = every area of the frame."""

    per_area: int | None = 300
    wanted: int = 100
    """Ballots wanted per area: what response is measured against."""
    audiences: tuple[str, ...] = AUDIENCES
    quotas: Mapping[str, int] = field(default_factory=dict)
    special_ratio: int = 4
    """Ordinary families to one special; 0 = not told apart."""
    modes: tuple[int, ...] = (Channel.SMS.value, Channel.QR.value)
    randomised_percent: int = 0
    rest_rounds: int = 2
    response_percent: Mapping[int, int] = field(default_factory=lambda: dict(USUAL_RESPONSE))
    price_fen: Mapping[int, int] = field(default_factory=lambda: dict(USUAL_PRICE_FEN))
    budget_fen: int = 0
    """0 = no limit of its own."""
    reserves: str = Reserves.BY_AREA.value
    areas: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As it is kept and entered into the ledger: keys of maps are texts."""
        plain = asdict(self)
        for name in ("response_percent", "price_fen"):
            plain[name] = {str(mode): value for mode, value in sorted(plain[name].items())}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}

    @property
    def shared_audiences(self) -> tuple[str, ...]:
        """Audiences without a quota of their own: they share what quotas leave."""
        return tuple(one for one in self.audiences if not self.quotas.get(one))

    @property
    def strata(self) -> tuple[Stratum, ...]:
        """Quota strata first, then ordinary and special families of the others; the place is the number."""
        fixed = [
            Stratum(id=one, quota=self.quotas[one], where={"instrument": (one,)})
            for one in self.audiences
            if self.quotas.get(one)
        ]
        shared = self.shared_audiences
        if not shared:
            return tuple(fixed)
        if not self.special_ratio:
            return (*fixed, Stratum(id="all", share=1, where={"instrument": shared}))
        return (
            *fixed,
            Stratum(id="ordinary", share=self.special_ratio, where={"instrument": shared, "special": ("",)}),
            Stratum(id="special", share=1, where={"instrument": shared, "special": SPECIALS}),
        )

    def for_draw(self) -> DrawDesign:
        """What the engine draws by."""
        return DrawDesign(
            n=self.per_area,
            strata=self.strata,
            modes=tuple(Mode(mode) for mode in self.modes),
            randomised_percent=self.randomised_percent,
        )


def read_design(data: Mapping[str, Any]) -> Design:
    """The design of a round that was saved; missing keys have their usual values."""
    known = {name: data[name] for name in Design.__dataclass_fields__ if name in data}
    for name in ("audiences", "modes", "areas"):
        if name in known:
            known[name] = tuple(known[name])
    for name in ("response_percent", "price_fen"):
        if name in known:
            known[name] = {int(mode): int(value) for mode, value in known[name].items()}
    return Design(**known)


def design_problems(design: Design, with_questionnaire: Sequence[str] | None = None) -> list[Problem]:
    """Everything that contradicts itself; `with_questionnaire` names the audiences that have one."""
    return [
        *_numbers(design),
        *_audiences(design, with_questionnaire),
        *_modes(design),
    ]


def release_warnings(design: Design) -> list[Problem]:
    """What may be fixed but brings ballots that nobody will see: fewer than five in each area."""
    few: list[tuple[str, int, dict[str, object]]] = []
    few += [("per_area", design.per_area, {})] if design.per_area is not None else []
    few += [(f"quota_{one}", design.quotas[one], _named(one)) for one in design.audiences
            if design.quotas.get(one)]  # fmt: skip
    return [
        Problem("round.few_never_released" if key == "per_area" else "round.quota_never_released",
                Place(key=key), {"found": found, "least": LEAST_RELEASED, **named}, Severity.WARNING)
        for key, found, named in few
        if found < LEAST_RELEASED
    ]  # fmt: skip


def _numbers(design: Design) -> Iterator[Problem]:
    limits = (
        ("per_area", design.per_area, 1, MOST_PER_AREA),
        ("wanted", design.wanted, 1, MOST_PER_AREA),
        ("special_ratio", design.special_ratio, 0, 100),
        ("randomised_percent", design.randomised_percent, 0, 100),
        ("rest_rounds", design.rest_rounds, 0, MOST_REST),
        ("budget_fen", design.budget_fen, 0, 10**12),
    )
    for name, value, low, high in limits:
        if value is not None and not low <= value <= high:
            yield Problem("round.out_of_range", Place(key=name), {"low": low, "high": high, "found": value})
    quotas = sum(design.quotas.values())
    if design.per_area is not None and quotas > design.per_area:
        params: dict[str, object] = {"quotas": quotas, "n": design.per_area}
        yield Problem("round.quotas_exceed", Place(key="per_area"), params)


def _audiences(design: Design, with_questionnaire: Sequence[str] | None) -> Iterator[Problem]:
    if not design.audiences:
        yield Problem("round.no_audience", Place(key="audiences"))
    for one in design.quotas:
        if design.quotas[one] and one not in design.audiences:
            yield Problem("round.quota_without_audience", Place(key=f"quota_{one}"), _named(one))
    if with_questionnaire is not None:
        for one in design.audiences:
            if one not in with_questionnaire:
                yield Problem("round.no_questionnaire", Place(key="questionnaires"), _named(one))


def _named(audience: str) -> dict[str, object]:
    word = {
        Instrument.ELDERLY.value: ("老年居民", "elderly residents"),
        Instrument.YOUNG_AND_MIDDLE_AGED.value: ("中青年居民", "young and middle-aged residents"),
        Instrument.ORGANISATION.value: ("驻区单位", "resident units"),
    }.get(audience, (audience, audience))
    return {"audience": word[0], "audience_en": word[1]}


def _modes(design: Design) -> Iterator[Problem]:
    known = set(Channel.values)
    if not design.modes or not known.issuperset(design.modes):
        yield Problem("round.no_modes", Place(key="modes"))
    if len(set(design.modes)) < len(design.modes):
        yield Problem("round.mode_twice", Place(key="modes"))
    if design.randomised_percent and len(set(design.modes)) < 2:
        yield Problem("round.one_mode", Place(key="randomised_percent"))
    for mode in design.modes:
        if not 0 <= design.response_percent.get(mode, 0) <= 100:
            yield Problem("round.out_of_range", Place(key=f"response_{mode}"),
                          {"low": 0, "high": 100, "found": design.response_percent[mode]})  # fmt: skip
