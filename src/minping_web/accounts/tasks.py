"""Nightly work of accounts: the record of sign-ins is kept as long as the law asks and no longer."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from minping_web.accounts.services import forget_old_sign_ins
from minping_web.jobs.rules import Periodic, Progress, nightly, repeat, task


@task("accounts.forget_sign_ins", title=_("Forget old sign-ins"))
def forget_sign_ins(progress: Progress) -> dict[str, int]:
    """Delete sign-ins whose time is over."""
    return {"deleted": forget_old_sign_ins()}


repeat(Periodic("accounts.forget_sign_ins", **nightly(3)))
