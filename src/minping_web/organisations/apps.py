"""The app's name, and which of its columns are sealed."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganisationsConfig(AppConfig):
    """Offices, departments, firms, contracts."""

    name = "minping_web.organisations"
    label = "organisations"
    verbose_name = _("Organisations")

    def ready(self) -> None:
        """Tell the change of keys about sealed contacts, and undo about rights."""
        from minping_web.common.changes import UndoRules, undo_rules
        from minping_web.common.crypto import SealedTable, register_sealed
        from minping_web.organisations.models import OrganisationContact
        from minping_web.organisations.services import require_undo

        undo_rules("organisations", UndoRules(require_undo))
        register_sealed(
            SealedTable(
                OrganisationContact,
                ("sealed",),
                lambda column, key: f"organisations_organisationcontact.{column}|{key}",
            )
        )
