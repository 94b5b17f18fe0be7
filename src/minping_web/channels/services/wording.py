"""Write texts and signatures; a second person approves each wording before anything is sent with it."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minping_engine.errors import Problem, Severity
from minping_web.channels.models import MessageText, Signature, TextVersion
from minping_web.channels.rules import texts
from minping_web.channels.services.numbers import channel_rules
from minping_web.common import approval
from minping_web.common.clock import now
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage

ACT = "channels.approve_text"


@transaction.atomic
def new_signature(scope: Scope, name: str, filed_as: str) -> Signature:
    """A signature that waits for its approval. Raises `RefusedError` for a wrong form or a name there is."""
    scope.require("channels.edit")
    found = texts.signature_faults(name)
    if Signature.objects.filter(name=name).exists():
        found.append(Problem("channels.signature_there"))
    if found:
        raise RefusedError(found)
    return Signature.objects.create(name=name, filed_as=filed_as, made_by_id=scope.user_id, made_at=now())


@transaction.atomic
def new_text(scope: Scope, title: str, purpose: str) -> MessageText:
    """A name for a text; its wording comes with its first version."""
    scope.require("channels.edit")
    if MessageText.objects.filter(title=title).exists():
        raise RefusedError.of("channels.text_there")
    return MessageText.objects.create(title=title, purpose=purpose, made_at=now())


def findings(purpose: str, signature: str, *, zh: str, en: str) -> list[Problem]:
    """All that can be said about a wording, notes included."""
    found: list[Problem] = []
    word = channel_rules().stop_word
    for key, body in (("zh", zh), ("en", en)):
        found += texts.faults(body, purpose=purpose, key=key)
        whole = texts.composed(signature, body, language=key, stop_word=word)
        known = {name: texts.EXAMPLE.get(name, "") for name in texts.gaps(whole)}
        found += texts.length_faults(texts.filled(whole, known), key=key)
    return found


@transaction.atomic
def new_version(scope: Scope, text_id: int, *, signature_id: int, zh: str, en: str) -> TextVersion:
    """A draft of the next version. Raises `RefusedError` with everything that is wrong."""
    scope.require("channels.edit")
    text = MessageText.objects.select_for_update().get(pk=text_id)
    signature = Signature.objects.get(pk=signature_id)
    errors = [
        one for one in findings(text.purpose, signature.name, zh=zh, en=en) if one.severity == Severity.ERROR
    ]
    if errors:
        raise RefusedError(errors)
    last = text.versions.aggregate(last=Max("number"))["last"] or 0
    return TextVersion.objects.create(
        text=text, number=last + 1, signature=signature, zh=zh.strip(), en=en.strip(),
        made_by_id=scope.user_id, made_at=now(),
    )  # fmt: skip


@transaction.atomic
def drop_draft(scope: Scope, version_id: int) -> None:
    """Delete a version that was never approved."""
    scope.require("channels.edit")
    version = TextVersion.objects.select_for_update().get(pk=version_id)
    if version.state != "draft" or version.batches.exists():
        raise RefusedError.of("channels.not_a_draft")
    version.delete()


@transaction.atomic
def retire_version(scope: Scope, version_id: int) -> None:
    """Take an approved wording out of use; it stays known to "is this message real?" as an old one."""
    scope.require("channels.edit")
    TextVersion.objects.filter(pk=version_id, state="approved").update(state="retired")


def propose_wording(scope: Scope, kind: str, row_id: int, *, reason: str) -> Proposal:
    """Ask a second person to approve a version (`version`) or a signature (`signature`)."""
    row = _row(kind, row_id)
    if row.state != "draft":
        raise RefusedError.of("channels.not_a_draft")
    payload = {"kind": kind, "id": row_id, "sha256": _digest(row)}
    return approval.propose(
        scope, ACT, title=_("Approve: %(what)s") % {"what": row}, reason=reason, payload=payload
    )


def carry(scope: Scope, payload: dict[str, Any]) -> object:
    """What the second person sets going. A wording with an unapproved signature takes that along."""
    row = _row(payload["kind"], payload["id"])
    if row.state != "draft" or _digest(row) != payload["sha256"]:
        raise RefusedError.of("channels.not_a_draft")
    if isinstance(row, TextVersion):
        if row.signature.state != "approved":
            raise RefusedError.of("channels.signature_first")
        row.approved_by_id, row.approved_at = scope.user_id, now()
    row.state = "approved"
    row.save()
    record = {"sha256": payload["sha256"], "by": scope.user_id or 0}
    stage("message_text.approved", f"message-{payload['kind']}-{payload['id']}-approved", record)
    return row


def describe(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """What the second person reads: the whole wording."""
    row = _row(payload["kind"], payload["id"])
    if isinstance(row, Signature):
        return [(_("Signature"), str(row)), (_("Filed as"), row.filed_as)]
    return [
        (_("Text"), f"{row.text} ({row.text.get_purpose_display()}), {row.number}"),
        (_("Signature"), str(row.signature)),
        (_("Chinese"), row.zh),
        (_("English"), row.en),
    ]


def act() -> approval.Act:
    """The two-person act."""
    return approval.Act(
        ACT, gettext_lazy("Approve a text of messages"), "channels.edit", carry,
        describe=describe, decided_by="channels.approve",
    )  # fmt: skip


def _row(kind: str, row_id: int) -> TextVersion | Signature:
    if kind == "signature":
        return Signature.objects.get(pk=row_id)
    return TextVersion.objects.select_related("signature", "text").get(pk=row_id)


def _digest(row: TextVersion | Signature) -> str:
    """Of what was read, so that the approved words are the ones that were shown."""
    words = [row.name, row.filed_as] if isinstance(row, Signature) else [row.signature.name, row.zh, row.en]
    return hashlib.sha256("\0".join(words).encode()).hexdigest()
