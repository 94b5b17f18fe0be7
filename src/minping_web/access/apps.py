"""The app's name, and what it brings to lower apps: scopes, guards of accounts, acts for two persons."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccessConfig(AppConfig):
    """Roles bound to areas and organisations."""

    name = "minping_web.access"
    label = "access"
    verbose_name = _("Permissions")

    def ready(self) -> None:
        """Offer scopes, tell accounts whom to guard, make the acts known."""
        from django.core.checks import Tags
        from django.core.checks import register as register_check

        from minping_web.access.selectors import GrantScopes, holds_power
        from minping_web.access.services import ACTS, end_keys_of, must_stay_now
        from minping_web.accounts.rules import Guards
        from minping_web.common.approval import register
        from minping_web.common.row_security import check_database_role
        from minping_web.common.scope import provide_scopes

        provide_scopes(GrantScopes())
        Guards.second_person = staticmethod(holds_power)
        Guards.must_stay = staticmethod(must_stay_now)
        Guards.end_keys = staticmethod(end_keys_of)
        for act in ACTS:
            register(act)
        register_check(check_database_role, Tags.database)
