"""The app's name, and which of its columns are sealed."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Community workers, positions, postings, certificates."""

    name = "minping_web.people"
    label = "people"
    verbose_name = "人员"

    def ready(self) -> None:
        """Tell the change of keys about sealed phones, and the queue about the nightly check."""
        from minping_web.common.crypto import SealedTable, register_sealed
        from minping_web.people import tasks  # noqa: F401  (registers itself)
        from minping_web.people.models import PersonContact

        register_sealed(
            SealedTable(
                PersonContact, ("sealed",), lambda column, key: f"people_personcontact.{column}|{key}"
            )
        )
