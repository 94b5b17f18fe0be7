"""One round as open data reads it: result, scheme and snapshot that belong together.

In: the three. Out: places that may be shown (as in the bulletin), and the ballots of each questionnaire by
place. Raises where the three do not belong together, or where no resident was asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from minping_engine.assessment import Result
from minping_engine.errors import RefusedError
from minping_engine.reporting.bulletin_places import Survey
from minping_engine.reporting.lookups import look_up
from minping_engine.reporting.open_data.counting import EVERYWHERE, Counted, count_ballots
from minping_engine.reporting.texts import texts
from minping_engine.scheme import Instrument, LoadedScheme
from minping_engine.snapshot import Snapshot, json_sha256


@dataclass(frozen=True)
class OpenDataRound:
    """A result with the scheme and the snapshot that it was made from."""

    result: Result
    scheme: LoadedScheme
    snapshot: Snapshot
    left_out: frozenset[str] = frozenset()
    """Places whose means are not shown, whatever their size (`corrections`)."""

    def check(self) -> None:
        """Raise `RefusedError` where the three do not belong together or nobody was asked."""
        head = self.result.head
        if head["snapshot"] != self.snapshot.sha256:
            raise RefusedError.of("reporting.other_snapshot", period=self.result.period)
        if head["scheme"]["sha256"] != json_sha256(self.scheme.content):
            raise RefusedError.of("reporting.other_scheme", scheme=self.scheme.key)
        if not self.forms:
            raise RefusedError.of("reporting.no_questionnaire", scheme=self.scheme.key)

    @cached_property
    def forms(self) -> tuple[Instrument, ...]:
        """Questionnaires that have ballots."""
        there = {part.instrument for part in self.snapshot.parts}
        return tuple(form for form in self.scheme.scheme.instruments if form.key in there)

    @cached_property
    def survey(self) -> Survey:
        """The round as the bulletin reads it."""
        found = look_up(self.result, self.snapshot, history=False)
        words = texts("bulletin", "zh")
        counts = self.result.head["counts"]
        return Survey(found, self.scheme, words, "zh", self.result.period, counts, self.left_out)

    def counted(self, form: Instrument) -> Counted:
        """Ballots of a questionnaire by place."""
        scheme = self.scheme.with_instrument(form)
        return count_ballots(self.snapshot, scheme, self.survey.found.places)

    @property
    def may_show(self) -> frozenset[str]:
        """Places that are large enough; what a correction would tell is decided number by number."""
        return replace(self.survey, left_out=frozenset()).shown | {EVERYWHERE}
