"""A demonstration and a real district never mix: what the switch says and what the database is must agree.

The switch (MINPING_DEMO) opens doors without passwords; the database knows whether its people are
invented. Every start asks here, and so does the page that lets one enter.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import DatabaseError, connection

from minping_web.common.models import Deployment
from minping_web.common.problems import RefusedError


def kind_of_database() -> str | None:
    """`demo`, `real`, or None before it was set up."""
    try:
        return Deployment.objects.values_list("kind", flat=True).first()
    except DatabaseError:  # no tables yet
        return None


def mixing(kind: str | None, *, demo: bool) -> str | None:
    """The code of what is wrong, if anything is."""
    if kind == Deployment.Kind.REAL and demo:
        return "site.demo_on_real"
    if kind == Deployment.Kind.DEMO and not demo:
        return "site.real_on_demo"
    return None


def refuse_mixing() -> None:
    """Raise `RefusedError` when switch and database disagree."""
    code = mixing(kind_of_database(), demo=settings.DEMO)
    if code:
        raise RefusedError.of(code)


def check_at_start() -> None:
    """`refuse_mixing` in a thread of its own: a server may load its application inside an event loop."""

    def asked() -> None:
        try:
            refuse_mixing()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asked).result()


def is_demonstration() -> bool:
    """Both agree that this is one."""
    return bool(settings.DEMO) and kind_of_database() == Deployment.Kind.DEMO


def require_ready() -> None:
    """Raise `RefusedError` unless this deployment was set up and its tables are those of the program."""
    from minping_web.site.health import pending_migrations

    if kind_of_database() is None:
        raise RefusedError.of("site.not_set_up")
    if pending_migrations():
        raise RefusedError.of("site.migrations_missing")
