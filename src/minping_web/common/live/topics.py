"""What can be watched: a topic reads the states of keys and says who may see one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from minping_web.common.scope import Scope


@dataclass(frozen=True)
class Reading:
    """The state of one key. Subscribers get it when `version` differs; `last` ends the stream."""

    version: int
    data: Mapping[str, Any]
    last: bool = False


class Topic(Protocol):
    """One kind of things to watch. All methods are called in threads with a database connection."""

    name: str

    def permits(self, scope: Scope, key: int) -> bool:
        """Whether this scope may see the key; asked at the start and again while the stream is open."""
        ...

    def read(self, keys: Collection[int]) -> Mapping[int, Reading]:
        """The states of all these keys, in a fixed number of queries; missing ones are gone."""
        ...

    def message(self, reading: Reading) -> Mapping[str, Any]:
        """What a subscriber gets, in the language that is active: JSON values."""
        ...


_topics: dict[str, Topic] = {}


def register(topic: Topic) -> Topic:
    """Make a topic known under its name."""
    _topics[topic.name] = topic
    return topic


def topic_of(name: str) -> Topic:
    """The registered topic; KeyError is a fault of ours."""
    return _topics[name]
