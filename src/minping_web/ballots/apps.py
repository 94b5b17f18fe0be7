"""The app's name, and what other apps find by name when all have been loaded."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BallotsConfig(AppConfig):
    """Sealed ballots: one per household, unreadable until closing."""

    name = "minping_web.ballots"
    label = "ballots"
    verbose_name = _("Sealed ballots")

    def ready(self) -> None:
        """Register what other apps find by name."""
        from minping_web.ballots.selectors.reports import pressure_notices
        from minping_web.ballots.services import closing, custody, early_end, originals, paper_guard, reports
        from minping_web.common import approval
        from minping_web.rounds.rules.notices import register_notices
        from minping_web.rounds.services import accidents, inviting, opening

        approval.register(early_end.act())
        reports.register_tables()
        register_notices(pressure_notices)
        originals.register_tables()
        opening.register_opener(custody.at_opening)
        accidents.register_canceller(closing.at_cancelling)
        inviting.register_token_guard(paper_guard.keep_sheets)
