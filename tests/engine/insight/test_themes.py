"""Themes of comments: counted by words that everybody can read, shown from five on (S14)."""

from __future__ import annotations

from minping_engine.insight import count_themes
from minping_engine.insight.themes import themes, themes_of


def test_a_comment_may_speak_of_several_themes_or_none() -> None:
    assert themes_of("电梯坏了没人通知") == {"buildings", "information"}
    assert themes_of("一切都好") == frozenset()


def test_a_theme_shows_from_the_fewest_on_most_first() -> None:
    comments = ["垃圾没人收"] * 6 + ["停车难"] * 5 + ["电梯慢"] * 4
    assert [(theme.name, n) for theme, n in count_themes(comments)] == [("environment", 6), ("traffic", 5)]


def test_every_theme_has_both_titles_and_no_word_is_listed_twice_in_one() -> None:
    for theme in themes():
        assert theme.title("zh")
        assert theme.title("en")
        assert len(theme.words) == len(set(theme.words))
