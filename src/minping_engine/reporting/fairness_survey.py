"""Fairness page: slopes before and after, who was heard less, modes, weights.

In: one district's rows of `fairness`, and `weighting`. Out: `Section`s. Verdicts stand in the result; here
they become words, and each section says what to do.
"""

from __future__ import annotations

from collections import Counter

from minping_engine.assessment.chain.report import LEAST_RESPONSE
from minping_engine.estimation.indices import Verdict
from minping_engine.reporting.fair_words import FairWords
from minping_engine.reporting.fairness_scores import Reading, share_text
from minping_engine.reporting.lookups import Row
from minping_engine.reporting.numbers import (
    DASH,
    count_text,
    plain_text,
    points_text,
    signed_text,
)
from minping_engine.reporting.section_page import Section, Table


def slopes_section(reading: Reading) -> Section:
    """How scores follow what nobody can help, before and after adjustment."""
    words, rows = reading.names, reading.findings.get("slope", [])
    lead = words["s_slopes_lead"].format(tolerance=plain_text(reading.fairness.noticeable_points))
    if not rows:
        return reading.section("slopes", words["slopes_none"], lead=lead, action=words["nothing_to_do"])
    before, after = (
        {row["subject"]: row for row in rows if row["level"] == step} for step in ("weighted", "adjusted")
    )
    heads = ("condition", "before", "after", "verdict")
    cells = tuple(
        (
            words.condition(subject),
            _effect(words, before.get(subject)),
            _effect(words, row),
            words.state("verdict", row["verdict"]),
        )
        for subject, row in after.items()
    )
    tables = (Table(words["c_slopes"], tuple(words[head] for head in heads), cells),)
    return reading.section("slopes", _slopes_finding(reading, after), lead=lead, tables=tables)


def _effect(words: FairWords, row: Row | None) -> str:
    if row is None or row["value"] is None:
        return DASH
    return words["effect_range"].format(
        effect=signed_text(row["value"], 2), range=words.interval(row["low"], row["high"])
    )


def _slopes_finding(reading: Reading, after: dict[str, Row]) -> str:
    words = reading.names
    for verdict, key in ((Verdict.UNFAIR, "slopes_bad"), (Verdict.UNCLEAR, "slopes_unclear")):
        names = [words.condition(subject) for subject, row in after.items() if row["verdict"] == verdict]
        if names:
            return words[key].format(names=reading.joined(names))
    return words["slopes_ok"]


def heard_section(reading: Reading) -> Section:
    """Response rates by level of what the frame knows of households."""
    words, rows = reading.names, reading.findings.get("response_gap", [])
    if not rows:
        return reading.section("heard", words["heard_none"])
    names = {
        id(row): f"{words.variable(row['subject'])} · {words.level(row['subject'], row['level'])}"
        for row in rows
    }
    less = [
        names[id(row)]
        for row in rows
        if row["verdict"] in (Verdict.UNFAIR, Verdict.SMALL) and row["value"] < 0
    ]
    finding = words["heard_less"].format(names=reading.joined(less)) if less else words["heard_even"]
    heads = ("level", "gap", "interval", "drawn", "verdict")
    cells = tuple(
        (
            names[id(row)],
            signed_text(_times(row["value"]), 1),
            words.interval(_times(row["low"]), _times(row["high"]), 1),
            count_text(row["n"]),
            words.state("verdict", row["verdict"]),
        )
        for row in rows
    )
    titles = tuple(words[head].format(percent=95) for head in heads)
    return reading.section(
        "heard", finding, tables=(Table(words["c_heard"], titles, cells),), notes=_floor_notes(reading)
    )


def _times(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _floor_notes(reading: Reading) -> tuple[str, ...]:
    """Areas with a low response rate; every variable tells the same number."""
    return tuple(
        reading.names["below_floor"].format(
            n=count_text(row["n"]), count=f"{row['value']:.0f}", percent=f"{100 * LEAST_RESPONSE:.0f}"
        )
        for row in reading.findings.get("response_floor", ())[:1]
    )


def modes_section(reading: Reading) -> Section:
    """The district's mix of modes, and how many areas are far from it."""
    words, rows = reading.names, reading.findings.get("mode_share", [])
    if not rows:
        return reading.section("modes", words["modes_none"])
    odd = next(iter(reading.findings.get("mode_unusual", ())), None)
    finding = words["modes_even"]
    if odd and odd["value"] > 0:
        finding = words["modes_odd"].format(n=count_text(odd["n"]), count=f"{odd['value']:.0f}")
    cells = tuple(
        (words.level("mode", row["level"]), share_text(row["value"], 1), count_text(row["n"])) for row in rows
    )
    heads = tuple(words[head] for head in ("mode", "share", "ballots"))
    return reading.section("modes", finding, tables=(Table(words["c_modes"], heads, cells),))


def weights_section(reading: Reading) -> Section:
    """How many areas could not be calibrated, and how unequal weights are."""
    words = reading.names
    rows = {(row["subject"], row["level"]): row for row in reading.findings.get("weights", ())}
    missed = rows.get(("not_calibrated", ""))
    if reading.fairness.weighting is None or missed is None:
        return reading.section("weights", words["weights_none"], action=words["nothing_to_do"])
    told = {"n": count_text(missed["n"]), "off": f"{missed['value']:.0f}"}
    finding = words["weights_uncalibrated"].format(**told)
    if ("deff", "median") in rows:
        finding = words["weights_found"].format(
            **told,
            median=points_text(rows["deff", "median"]["value"]),
            largest=points_text(rows["deff", "largest"]["value"]),
            over=f"{rows['deff', 'over']['value']:.0f}",
        )
    return reading.section("weights", finding, tables=_state_tables(reading))


def _state_tables(reading: Reading) -> tuple[Table, ...]:
    """Outcomes of calibration; `weighting` has no district, so only for a result of one."""
    if not reading.is_only:
        return ()
    words = reading.names
    counted = Counter(reading.result["weighting"]["state"].to_pylist())
    cells = tuple((words.state("weight", state), count_text(n)) for state, n in counted.most_common())
    return (Table(words["c_weights"], (words["state"], words["areas"]), cells),)
