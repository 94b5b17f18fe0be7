"""The one table of what reacts to what: the menu, implementations of protocols, later event -> handlers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from minping_web.common.navigation import Entry, Menu

MENU = (Entry("home", _("Overview"), icon="home"),)


def wire() -> None:
    """Called once, when addresses load."""
    Menu.set(MENU)
