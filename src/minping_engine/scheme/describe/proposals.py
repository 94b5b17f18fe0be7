"""Proposals in words: the rule by which somebody gets something, and the numbers it rests on.

In: a loaded scheme, a language. Out: texts for papers, beside which the rule as written can stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from minping_engine.scheme.describe.context import Context, context_of
from minping_engine.scheme.describe.use import money_words
from minping_engine.scheme.load import LoadedScheme

TRUTH = {"True": "truth_yes", "False": "truth_no", "-": "no_data"}
"""What a basis writes for yes, no and unknown."""
GRADES = frozenset({"grade", "previous_grade"})


@dataclass(frozen=True)
class ProposalWords:
    """Says the proposals of one scheme in one language."""

    context: Context

    def rule(self, use_id: str) -> str:
        """For whom the use is meant, and how much money follows."""
        w = self.context.w
        use = next(use for use in self.context.scheme.use if use.id == use_id)
        who = self.context.spoken.words(use.when) if use.when else w.say("everybody")
        if use.money is None:
            return w.say("proposal_for", who=who)
        return w.say("proposal_rule", who=who, money=money_words(self.context, use.money).text)

    def condition(self, text: str) -> str:
        """A condition of the scheme, such as that of a card."""
        return self.context.spoken.words(text)

    def basis(self, numbers: Mapping[str, str]) -> str:
        """Names by their titles, numbers with their units."""
        w = self.context.w
        return w.sentences(
            f"{self.context.titles.title(name)}{w.say('colon')}{self._value(name, text)}"
            for name, text in numbers.items()
        )

    def _value(self, name: str, text: str) -> str:
        if text in TRUTH:
            return self.context.w.say(TRUTH[text])
        if name in GRADES:
            return self.context.grade(text)
        try:
            return self.context.w.amount(Fraction(text), self.context.titles[name].unit)
        except ValueError:  # a word, e.g. the class of an area
            return text


def proposal_words(loaded: LoadedScheme, language: str) -> ProposalWords:
    """The words for a scheme's proposals, `zh` or `en`."""
    return ProposalWords(context_of(loaded, language))
