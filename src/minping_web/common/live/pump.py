"""The pump: one per process reads all watched keys at once and hands changes to the subscribers.

It runs on the event loop of the asynchronous half and asks the database in one thread of its own, so any
number of open streams costs one connection. It starts with the first subscriber and ends with the last.
A subscriber whose session ended or whose rights went is closed at the next check.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import Error as DatabaseError
from django.db import connection

from minping_web.common.live.topics import Reading, topic_of

PAUSE = 0.3
"""Seconds between two readings: what a person still takes for at once."""
RECHECK = 15.0
"""Seconds between two checks of one stream's session and rights."""
CHECKS_AT_ONCE = 10
"""Streams checked between two readings, so that checks never hold up the news."""
BACKLOG = 100
"""Unsent readings of one subscriber; who is slower loses the oldest, never the newest."""
STREAMS_PER_USER = 8

logger = logging.getLogger(__name__)
Watched = tuple[str, int]
T = TypeVar("T")


@dataclass(eq=False)
class Subscriber:
    """One open stream. `allowed` asks the database whether it may stay open."""

    topic: str
    key: int
    user_id: int
    allowed: Callable[[], bool]
    version: int | None = None
    checked: float = 0.0
    waiting: asyncio.Queue[Reading | None] = field(default_factory=lambda: asyncio.Queue(BACKLOG))

    def offer(self, reading: Reading | None) -> None:
        """Put a reading (None = close) into the queue if it is news."""
        if reading is not None:
            if reading.version == self.version:
                return
            self.version = reading.version
        if self.waiting.full():
            self.waiting.get_nowait()
        self.waiting.put_nowait(reading)


class Pump:
    """All subscribers of this process."""

    def __init__(self) -> None:
        self._subscribers: dict[Watched, set[Subscriber]] = defaultdict(set)
        self._per_user: Counter[int] = Counter()
        self._task: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="live")

    @property
    def open_streams(self) -> int:
        """How many streams are open."""
        return self._per_user.total()

    def is_full_for(self, user_id: int) -> bool:
        """Whether the user holds as many streams as one may."""
        return self._per_user[user_id] >= STREAMS_PER_USER

    def join(self, subscriber: Subscriber) -> None:
        """Begin to serve; called on the event loop."""
        subscriber.checked = asyncio.get_running_loop().time()  # the view has just checked
        self._subscribers[subscriber.topic, subscriber.key].add(subscriber)
        self._per_user[subscriber.user_id] += 1
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    def leave(self, subscriber: Subscriber) -> None:
        """Forget a subscriber; a second call does nothing."""
        watched = (subscriber.topic, subscriber.key)
        if subscriber in self._subscribers.get(watched, ()):
            self._subscribers[watched].discard(subscriber)
            self._per_user[subscriber.user_id] -= 1
            if not self._subscribers[watched]:
                del self._subscribers[watched]
            if not self._per_user[subscriber.user_id]:
                del self._per_user[subscriber.user_id]

    async def _run(self) -> None:
        while self._subscribers:
            try:
                await self._close_revoked(asyncio.get_running_loop().time())
                watched = list(self._subscribers)
                self._spread(watched, await self._asked(_read_all, watched))
            except (DatabaseError, LookupError):  # the database restarts: streams wait for it
                logger.exception("live updates pause")
            await asyncio.sleep(PAUSE)

    async def _asked(self, function: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, _with_connection, function, *arguments
        )

    async def _close_revoked(self, moment: float) -> None:
        """Ask for those whose last check is longest ago whether they may stay."""
        everybody = (one for group in self._subscribers.values() for one in group)
        due = sorted(
            (one for one in everybody if moment - one.checked >= RECHECK), key=lambda one: one.checked
        )
        for subscriber in due[:CHECKS_AT_ONCE]:
            subscriber.checked = moment
        for subscriber in await self._asked(_revoked, due[:CHECKS_AT_ONCE]) if due else ():
            subscriber.offer(None)

    def _spread(self, watched: list[Watched], readings: dict[Watched, Reading]) -> None:
        """Hand out what was asked for; a key that is gone closes its streams."""
        for one in watched:
            for subscriber in self._subscribers.get(one, ()):
                subscriber.offer(readings.get(one))


def _with_connection(function: Callable[..., T], *arguments: object) -> T:
    """Run in the pump's thread; a connection that failed is not used again."""
    try:
        return function(*arguments)
    except DatabaseError:
        connection.close()
        raise


def _read_all(watched: Iterable[Watched]) -> dict[Watched, Reading]:
    by_topic: dict[str, list[int]] = defaultdict(list)
    for name, key in watched:
        by_topic[name].append(key)
    return {
        (name, key): reading
        for name, keys in by_topic.items()
        for key, reading in topic_of(name).read(keys).items()
    }


def _revoked(subscribers: list[Subscriber]) -> list[Subscriber]:
    return [one for one in subscribers if not one.allowed()]


pump = Pump()
"""The pump of this process."""
