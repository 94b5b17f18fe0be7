"""Background jobs of channels: send a batch, go on in the morning, ask for receipts, tidy up."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from minping_web.channels.models import Provider
from minping_web.channels.services.receipts import ask_all
from minping_web.channels.services.sending import send_pieces
from minping_web.channels.services.tidying import go_on, tidy, wants_going_on
from minping_web.common.scope import system_scope
from minping_web.jobs.rules import Mode, Periodic, Progress, nightly, repeat, task


@task("channels.send", title=_("Send messages"), mode=Mode.PIECES)
def send(progress: Progress, *, batch_id: int) -> dict[str, int]:
    """Until nothing waits, or something stops it."""
    return send_pieces(progress, batch_id)


@task("channels.go_on", title=_("Go on with messages that stand still"))
def resume(progress: Progress) -> dict[str, int]:
    """After the night, a full day, a busy carrier."""
    return {"batches": go_on(system_scope())}


@task("channels.receipts", title=_("Ask for receipts of messages"), mode=Mode.PIECES)
def receipts(progress: Progress) -> dict[str, int]:
    """From carriers that do not call us."""
    return {"settled": ask_all()}


@task("channels.tidy", title=_("Remove keys and files of sent messages"), mode=Mode.PIECES)
def tidy_up(progress: Progress) -> dict[str, int]:
    """Every night."""
    return tidy()


def _somebody_to_ask() -> bool:
    rows = Provider.objects.filter(kind=Provider.Kind.HTTP, state=Provider.State.ACTIVE)
    return any(config.get("receipts_url") for config in rows.values_list("config", flat=True))


repeat(Periodic("channels.go_on", every=timedelta(minutes=10), wanted=wants_going_on))
repeat(Periodic("channels.receipts", every=timedelta(minutes=5), wanted=_somebody_to_ask))
repeat(Periodic("channels.tidy", **nightly(2)))
