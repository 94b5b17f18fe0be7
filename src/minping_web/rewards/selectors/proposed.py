"""What a published result proposes: one draft per use that is no help, and per card that is shown.

In: a publication's run with its files. Out: drafts in the order of the scheme, with texts in both languages.
The engine decided all of it; nothing is computed anew.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from minping_engine.assessment import Result, read_result
from minping_engine.reporting import grade_titles
from minping_engine.scheme import LoadedScheme, ProposalWords, Use, proposal_words
from minping_web.assessments.models import AssessmentRun
from minping_web.assessments.selectors.runs import folder_of
from minping_web.rewards.rules.drafts import DraftLine, DraftSheet
from minping_web.rewards.rules.words import FAMILY_OF, PAYING, Family
from minping_web.schemes.selectors.versions import loaded

LANGUAGES = ("zh", "en")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Proposed:
    """A result as this app needs it."""

    scheme: LoadedScheme
    result: Result

    @property
    def spoken(self) -> tuple[ProposalWords, ...]:
        """Words in Chinese and English."""
        return tuple(proposal_words(self.scheme, language) for language in LANGUAGES)

    def sheets(self) -> list[DraftSheet]:
        """Drafts by use, then by card; those without lines too, as a correction may empty one."""
        return [*self._of_uses(), *self._of_cards()]

    def _of_uses(self) -> Iterator[DraftSheet]:
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in self.result["proposals"].to_pylist():
            rows[row["use"]].append(row)
        spoken = self.spoken
        for use in self.scheme.scheme.use:
            if use.kind in FAMILY_OF:
                yield _of_use(use, rows[use.id], spoken)

    def _of_cards(self) -> Iterator[DraftSheet]:
        shown: dict[str, list[str]] = defaultdict(list)
        for row in self.result["outcomes"].to_pylist():
            for card in row["cards"].split():
                shown[card].append(row["assessee_id"])
        for card in self.scheme.scheme.cards:
            zh, en = (one.condition(card.when) for one in self.spoken)
            yield DraftSheet(
                use=f"card:{card.id}", kind="card", family=Family.CARD,
                text=(card.title.zh, card.title.en), rule_words=(zh, en), rule=str(card.when),
                signatures=1, has_money=False,
                lines=tuple(DraftLine(who, None, {}) for who in shown[card.id]),
            )  # fmt: skip

    def standings(self) -> Iterator[dict[str, Any]]:
        """Grade, change, cards and vetoes of everybody."""
        scheme = self.scheme.scheme
        grades = [grade_titles(self.scheme, language) for language in LANGUAGES]
        cards = {one.id: one for one in scheme.cards}
        vetoes = {one.id: one for one in scheme.vetoes}
        for row in self.result["outcomes"].to_pylist():
            grade = row["grade"] or ""
            yield {
                "assessee_id": row["assessee_id"],
                "grade": grade,
                "grade_name_zh": grades[0].get(grade, grade),
                "grade_name_en": grades[1].get(grade, grade),
                "grade_change": row["grade_change"],
                "cards": [_named(cards[one], colour=cards[one].colour) for one in row["cards"].split()],
                "vetoes": [
                    _named(vetoes[one], bars=" ".join(vetoes[one].bars)) for one in row["vetoes"].split()
                ],
            }


def proposed_by(run: AssessmentRun) -> Proposed:
    """The result of a run with its frozen scheme."""
    return Proposed(loaded(run.scheme, demo=settings.DEMO), read_result(folder_of(run)))


def _of_use(use: Use, rows: Sequence[Row], spoken: tuple[ProposalWords, ...]) -> DraftSheet:
    zh, en = (one.rule(use.id) for one in spoken)
    return DraftSheet(
        use=use.id, kind=use.kind, family=FAMILY_OF[use.kind], text=(use.text.zh, use.text.en),
        rule_words=(zh, en), rule=rows[0]["rule"] if rows else str(use.when or ""),
        signatures=use.signatures, has_money=use.money is not None and FAMILY_OF[use.kind] in PAYING,
        lines=tuple(_line(row, spoken) for row in rows),
        granted_fen=use.money.budget if use.money and use.money.weights else None,
    )  # fmt: skip


def _line(row: Row, spoken: tuple[ProposalWords, ...]) -> DraftLine:
    basis = json.loads(row["basis"])
    zh, en = (one.basis(basis) for one in spoken)
    return DraftLine(row["assessee_id"], row["fen"], basis, (zh, en), row["told_apart"])


def _named(part: Any, **more: str) -> dict[str, str]:
    return {"id": part.id, "zh": part.title.zh, "en": part.title.en, **more}
