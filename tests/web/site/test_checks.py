"""What `minping check` says of the calendar of holidays."""

from __future__ import annotations

from datetime import date

import pytest

from minping_web.site import checks


@pytest.mark.parametrize(("day", "said"), [(date(2026, 3, 2), []), (date(2089, 12, 1), ["site.I001"])])
def test_a_year_without_holidays_is_told_two_months_before(
    monkeypatch: pytest.MonkeyPatch, day: date, said: list[str]
) -> None:
    """In 2026 holidays are published; nobody has published those of 2090."""
    monkeypatch.setattr(checks, "today", lambda: day)
    found = checks.check_holidays(None)
    assert [one.id for one in found] == said
    assert all(str(day.year + 1) in one.msg for one in found)
