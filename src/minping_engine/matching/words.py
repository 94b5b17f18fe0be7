"""Words of two-way choice in Chinese and English, from `words.yaml`.

In: a reason as data, a language. Out: a sentence. Whoever shows names puts them for the ids.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from minping_engine.errors import Language
from minping_engine.matching.blocking import BlockingPair
from minping_engine.matching.outcome import RefusedChoice, UnmatchedPerson, Vacancy


@cache
def _texts() -> dict[str, dict[str, str]]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    file = resources.files(__package__) / "words.yaml"
    entries: dict[str, dict[str, str]] = yaml.load(file.read_text("utf-8"), Loader=loader)
    return entries


def word(key: str, language: Language, **values: object) -> str:
    """A text of `words.yaml`, filled."""
    return _texts()[key][language].format(**values)


def refusal_in_words(choice: RefusedChoice, language: Language, *, to_herself: bool = False) -> str:
    """Why one position did not take her; `to_herself`: for her own page."""
    return word(
        _key(f"refused_{choice.refusal.value}", to_herself),
        language,
        position=choice.position_id,
        own=choice.own_rank,
        their=choice.their_rank,
        last=choice.last_rank,
    )


def unmatched_in_words(
    person: UnmatchedPerson, language: Language, *, to_herself: bool = False
) -> tuple[str, ...]:
    """Why somebody has no position: one sentence, and one for each choice where they differ."""
    first = word(_key(person.reason.value, to_herself), language, n=len(person.refused))
    if person.reason.value in ("listed_nobody", "not_listed_back"):
        return (first,)
    told = (refusal_in_words(choice, language, to_herself=to_herself) for choice in person.refused)
    return (first, *told)


def _key(name: str, to_herself: bool) -> str:
    return f"{name}_you" if to_herself else name


def vacancy_in_words(vacancy: Vacancy, language: Language) -> str:
    """Why seats stay open."""
    key = f"vacant_{vacancy.reason.value}"
    return word(key, language, common=vacancy.common, elsewhere=vacancy.elsewhere)


def blocking_in_words(pair: BlockingPair, language: Language) -> str:
    """Who would rather have each other."""
    names = {"person": pair.person_id, "position": pair.position_id, "displaced": pair.displaced}
    return word("blocking_displaced" if pair.displaced else "blocking_seat", language, **names)
