"""What is set up dangerously: shown by `minping check`, by Django's own check, and before a start.

Checks of the deployment (`deploy=True`) look at settings and folders, those of the database ask it. An
error is what must not run, a warning what somebody should mend this week.
"""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Info, Warning  # noqa: A004  (Django's name)
from django.db import DatabaseError
from django.utils.translation import gettext as _

from minping_web.common.clock import today
from minping_web.common.models import Deployment
from minping_web.common.workdays import FILE as WORKING_DAYS
from minping_web.common.workdays import is_published
from minping_web.site.guard import kind_of_database, mixing
from minping_web.site.health import LEAST_FREE, pending_migrations

Apps = Sequence[AppConfig] | None
WANTED_ZONE = "Asia/Shanghai"
LONGEST_TERM = timedelta(days=60)
"""Terms that begin today end before it: objections, requests of residents."""


def check_mixing(
    app_configs: Apps, databases: Sequence[str] | None = None, **rest: Any
) -> list[CheckMessage]:
    """Demonstration switch and database must agree."""
    code = mixing(kind_of_database(), demo=settings.DEMO) if databases else None
    if code is None:
        return []
    texts = {
        "site.demo_on_real": _(
            "The demonstration switch is on, but the database belongs to a real district."
        ),
        "site.real_on_demo": _("The database holds a demonstration, but the demonstration switch is off."),
    }
    return [Error(texts[code], hint=_("Use separate data folders for both."), id="site.E001")]


def check_tables(
    app_configs: Apps, databases: Sequence[str] | None = None, **rest: Any
) -> list[CheckMessage]:
    """Tables as the code wants them."""
    if not databases or kind_of_database() is None or not pending_migrations():
        return []
    return [
        Error(
            _("The tables are older than the program."),
            hint=_("Make a backup, then run `minping migrate`."),
            id="site.E002",
        )
    ]


def check_factors(
    app_configs: Apps, databases: Sequence[str] | None = None, **rest: Any
) -> list[CheckMessage]:
    """In a real district everybody who can sign in has a second factor."""
    if not databases or kind_of_database() != Deployment.Kind.REAL:
        return []
    without = users_without_factor()
    if not without:
        return []
    return [
        Warning(
            _("%(n)s accounts that can sign in have no second factor yet.") % {"n": without},
            hint=_("They are asked for one at the next sign-in; disable accounts that nobody uses."),
            id="site.W001",
        )
    ]


def users_without_factor() -> int:
    """Active accounts that were used or may be, without an authenticator."""
    from allauth.mfa.models import Authenticator

    from minping_web.accounts.models import User

    safe = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES).values("user_id")
    return User.objects.filter(is_active=True).exclude(pk__in=safe).count()


def check_keys(app_configs: Apps, **rest: Any) -> list[CheckMessage]:
    """Only the owner may read keys, and they should lie apart from the data."""
    folder, found = Path(settings.KEY_FOLDER), list[CheckMessage]()
    if folder.is_dir() and open_to_others(folder):
        found.append(
            Error(
                _("Other users of this machine may read the folder of the keys."),
                hint=f"chmod -R go= {folder}",
                id="site.E003",
            )
        )
    if not settings.DEMO and folder.is_relative_to(settings.DATA_FOLDER):
        found.append(
            Warning(
                _("The keys lie inside the data folder: who copies the folder has both."),
                hint=_("Put them elsewhere by MINPING_KEYS, and leave them out of backups of the data."),
                id="site.W002",
            )
        )
    return found


def open_to_others(folder: Path) -> bool:
    """Whether group or world may do anything with the folder or with something in it."""
    mask = stat.S_IRWXG | stat.S_IRWXO
    return any(path.lstat().st_mode & mask for path in (folder, *folder.rglob("*")))


def check_surroundings(app_configs: Apps, **rest: Any) -> list[CheckMessage]:
    """HTTPS, host names, time zone, room on the disk."""
    rows: list[tuple[bool, str, str, str]] = [
        (
            not settings.DEMO and not settings.SESSION_COOKIE_SECURE,
            _("The site runs without HTTPS."),
            _("Put a proxy with a certificate before it and take MINPING_HTTPS=0 away."),
            "site.W003",
        ),
        (
            settings.TIME_ZONE != WANTED_ZONE,
            _("The time zone is not the district's."),
            _("Deadlines are counted in Asia/Shanghai."),
            "site.W004",
        ),
        (
            shutil.disk_usage(settings.DATA_FOLDER).free < LEAST_FREE,
            _("Less than half a gigabyte is free where the data folder lies."),
            _("Make room before the database stops."),
            "site.W005",
        ),
        (
            not settings.DEMO and "*" in settings.ALLOWED_HOSTS,
            _("The site answers to any host name."),
            _("Name its hosts in MINPING_HOSTS."),
            "site.W006",
        ),
    ]
    return [Warning(text, hint=hint, id=code) for wrong, text, hint, code in rows if wrong]


def check_holidays(app_configs: Apps, **rest: Any) -> list[CheckMessage]:
    """Terms in working days need the holidays of the year that they end in."""
    year = (today() + LONGEST_TERM).year
    if is_published(year):
        return []
    said = _("The holidays of %(year)s are not known: every weekday counts as a working day.") % {
        "year": year
    }
    hint = _("Write them into %(file)s in the data folder, or update the program.") % {"file": WORKING_DAYS}
    return [Info(said, hint=hint, id="site.I001")]


def _asking(check: Callable[..., list[CheckMessage]]) -> Callable[..., list[CheckMessage]]:
    """A database that does not answer is said once, by the start, not by every check."""

    def asked(app_configs: Apps, **rest: Any) -> list[CheckMessage]:
        try:
            return check(app_configs, **rest)
        except DatabaseError:
            return []

    return asked


def register() -> None:
    """Called when the app is ready."""
    for check in (check_mixing, check_tables, check_factors):
        checks.register(_asking(check), checks.Tags.database)
    checks.register(check_keys, checks.Tags.security, deploy=True)
    checks.register(check_surroundings, checks.Tags.security, deploy=True)
    checks.register(check_holidays, deploy=True)
