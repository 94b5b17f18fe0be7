"""The app 'appraisals': its name in Django and on pages; its acts and sealed columns."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AppraisalsConfig(AppConfig):
    """Evidence beside ballots: marks of raters, facts with source, costs, verified complaints."""

    name = "minping_web.appraisals"
    label = "appraisals"
    verbose_name = _("Appraisals")

    def ready(self) -> None:
        """Acts for two persons, sealed columns for the change of keys."""
        from minping_web.appraisals.models import CalledRater, EvidenceBook, Finding
        from minping_web.appraisals.selectors.paper import about_name
        from minping_web.appraisals.selectors.raters import about_sheet
        from minping_web.appraisals.services import books, findings
        from minping_web.appraisals.services.undoing import EVIDENCE
        from minping_web.common import approval
        from minping_web.common.changes import undo_rules
        from minping_web.common.crypto import SealedTable, register_sealed

        about = {"sheet": about_sheet, "name": about_name}
        register_sealed(SealedTable(CalledRater, ("sheet", "name"), lambda column, key: about[column](key)))
        register_sealed(SealedTable(Finding, ("sealed",), lambda _column, key: findings.about_finding(key)))
        register_sealed(SealedTable(EvidenceBook, ("content",), lambda _column, key: books.about_book(key)))
        undo_rules("appraisals", EVIDENCE)
        for act in (findings.act(), books.act()):
            approval.register(act)
