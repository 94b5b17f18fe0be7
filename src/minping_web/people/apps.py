"""The app's name, and which of its columns are sealed."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """Community workers, positions, postings, certificates."""

    name = "minping_web.people"
    label = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        """Sealed phones for the change of keys, the nightly check, rights and signatures for undo."""
        from minping_web.common.changes import undo_rules
        from minping_web.common.crypto import SealedTable, register_sealed
        from minping_web.people import tasks  # noqa: F401  (registers itself)
        from minping_web.people.models import PersonContact
        from minping_web.people.services.undoing import PEOPLE

        undo_rules("people", PEOPLE)
        register_sealed(
            SealedTable(
                PersonContact, ("sealed",), lambda column, key: f"people_personcontact.{column}|{key}"
            )
        )
