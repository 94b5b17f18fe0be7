"""The one place of the product that reads the clock; tests freeze it by replacing `now`."""

from datetime import date, datetime

from django.utils import timezone


def now() -> datetime:
    """This moment, aware."""
    return timezone.now()


def today() -> date:
    """Today in the district's time zone."""
    return timezone.localdate()
