"""Invented texts, batches and numbers. Phones begin with 100, which no mobile has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from minping_web.channels.models import MessageBatch, Provider, TextVersion
from minping_web.channels.services.approving import approve_batch
from minping_web.channels.services.batches import open_batch, send_batch
from minping_web.channels.services.presets import make_preset_texts
from minping_web.channels.services.queueing import NewMessage, queue_messages
from minping_web.channels.services.sending import send_pieces
from minping_web.common.scope import Scope

LINK = "https://minping.example.cn/v/{}"


@dataclass
class Reports:
    """Stands for the worker: collects what a task reports."""

    scope: Scope
    seen: list[tuple[int, int]] = field(default_factory=list)

    def __call__(self, done: int, total: int, note: str = "") -> None:
        self.seen.append((done, total))


def phone(number: int) -> str:
    """An invented number."""
    return f"100{number:08d}"


def message(number: int, reference: UUID | None = None) -> NewMessage:
    """One message with a token that can be looked for."""
    link = LINK.format(f"TOKEN{number:07d}")
    return NewMessage(
        reference or uuid4(), phone(number), {"link": link, "place": "和平社区", "until": "10月31日"}
    )


def messages(count: int, first: int = 0) -> Iterator[NewMessage]:
    """So many, to different numbers."""
    return (message(first + number) for number in range(count))


def text(bureau: Scope, second: Scope, purpose: str = "invite") -> TextVersion:
    """An approved text."""
    return make_preset_texts(bureau, second)[purpose]


def outbox() -> Provider:
    """The provider that every deployment has."""
    return Provider.objects.get_or_create(
        name="outbox", defaults={"title": "文件", "kind": "file", "price_li": 45, "idempotent": True}
    )[0]


def batch(
    scope: Scope, version: TextVersion, count: int = 5, *, provider: Provider | None = None,
    owner: str = "round-1", budget_fen: int = 100_000, first: int = 0,
) -> MessageBatch:  # fmt: skip
    """A draft with messages."""
    made = open_batch(
        scope, owner, "invite", text_version=version, provider=provider or outbox(), budget_fen=budget_fen
    )
    queue_messages(scope, made.pk, messages(count, first))
    made.refresh_from_db()
    return made


def sent(editor: Scope, sender: Scope, made: MessageBatch) -> MessageBatch:
    """Approve and send as a worker would."""
    approve_batch(editor, made.pk)
    send_batch(sender, made.pk)
    send_pieces(Reports(sender), made.pk)
    made.refresh_from_db()
    return made
