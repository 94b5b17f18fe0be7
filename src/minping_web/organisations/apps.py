"""The app's name, and which of its columns are sealed."""

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    """Offices, departments, firms, contracts."""

    name = "minping_web.organisations"
    label = "organisations"
    verbose_name = "单位"

    def ready(self) -> None:
        """Tell the change of keys about sealed contacts."""
        from minping_web.common.crypto import SealedTable, register_sealed
        from minping_web.organisations.models import OrganisationContact

        register_sealed(
            SealedTable(
                OrganisationContact,
                ("sealed",),
                lambda column, key: f"organisations_organisationcontact.{column}|{key}",
            )
        )
