"""The sweeps of rewards' retention clocks: standings, statements, lines that nobody signed.

What was signed is a record of accounts and stays: the database itself refuses to change it. Standings go when
no renewal can rest on them any more; a statement goes when nobody can dispute the sheet any more.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from minping_web.common.clock import today
from minping_web.common.retention import Clock, register_clocks, years_ago
from minping_web.ledger.services.erasing import run_clocks
from minping_web.rewards.models import Line, Standing, Statement
from minping_web.rewards.rules.words import SheetState

ENTRY = "rewards.erased"
STANDINGS_YEARS = 5
"""The longest usual term of a contract: cards and falls of it are read when it is renewed."""
STATEMENTS_YEARS = 3
"""As long as a claim can be brought (Civil Code, article 188)."""
DRAFTS_YEARS = 1
DISPUTE_YEARS = 1
"""Time for labour arbitration (Labour Dispute Mediation and Arbitration Law, article 27)."""


def erase_what_is_due() -> dict[str, int]:
    """All clocks; rows erased by clock."""
    return run_clocks("rewards")


def _settled(years: int) -> QuerySet[Statement]:
    """Statements to sheets that were signed, or replaced by a correction, so many years ago."""
    before = years_ago(years)
    signed = Q(line__sheet__state=SheetState.SIGNED, line__sheet__signed_at__date__lt=before)
    replaced = Q(line__sheet__state=SheetState.REPLACED, line__sheet__made_at__date__lt=before)
    return Statement.objects.filter(signed | replaced)


def _statements() -> int:
    return _settled(STATEMENTS_YEARS).delete()[0]


def _statements_of(person_id: int) -> int:
    own = _settled(DISPUTE_YEARS).filter(line__person=person_id).values_list("pk", flat=True)
    return Statement.objects.filter(pk__in=list(own)).delete()[0]


def _standings() -> int:
    due = Standing.objects.filter(publication__published_at__date__lt=years_ago(STANDINGS_YEARS))
    return due.delete()[0]


def _standings_of(person_id: int) -> int:
    """Of somebody who left: no contract is renewed any more."""
    return Standing.objects.filter(person=person_id, person__left_on__lt=today()).delete()[0]


def _drafts() -> int:
    """Names and amounts on sheets that a correction replaced before anybody signed."""
    due = Line.objects.filter(
        sheet__state=SheetState.REPLACED, sheet__made_at__date__lt=years_ago(DRAFTS_YEARS)
    )
    Statement.objects.filter(line__in=due).delete()
    return due.delete()[0]


register_clocks(
    Clock("rewards.drafts", ENTRY, _("Names and amounts on sheets that nobody signed"),
          _("the sheet was made"), _("PIPL, articles 19 and 47"), _drafts, years=DRAFTS_YEARS),
    Clock("rewards.standings", ENTRY, _("Grades, falls and cards over periods"),
          _("the result was published"), _("PIPL, articles 19 and 47"), _standings, years=STANDINGS_YEARS,
          forget=_standings_of),
    Clock("rewards.statements", ENTRY, _("What persons said to a consequence"), _("the sheet was signed"),
          _("PIPL, article 19; Civil Code, article 188"), _statements, years=STATEMENTS_YEARS,
          forget=_statements_of),
)  # fmt: skip
