"""Invitations of a round that is over lose the traces of when each was spent.

The day is kept, the order is not: on PostgreSQL each row tells the transaction that changed it last, and
changed rows move to new places. One statement rewrites all rows of the round, then the tables are laid out
by their random ids. SQLite keeps neither: its rows stay where they were when they were made.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import F

from minping_web.rounds.models import Invitation, InvitationToken


def mix_invitations(round_id: int) -> None:
    """All in one transaction, so that it marks all rows alike; it may be repeated."""
    if connection.vendor != "postgresql":
        return
    with transaction.atomic():
        Invitation.objects.filter(round_id=round_id).update(reminders=F("reminders"))
        InvitationToken.objects.filter(invitation__round_id=round_id).update(channel=F("channel"))
    with connection.cursor() as cursor:
        for model in (Invitation, InvitationToken):
            cursor.execute(f'CLUSTER "{model._meta.db_table}" USING "{_by_id(model)}"')


def _by_id(model: type[Invitation] | type[InvitationToken]) -> str:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)
    return next(name for name, one in found.items() if one["primary_key"])
