"""Events: what happened, told to whoever must react, inside the same transaction.

A lower app defines an event in its `events` module and tells it; which handlers it has stands in one table,
`site.wiring.REACTIONS`. A handler that raises takes the whole step back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Handler = Callable[[Any], object]

_handlers: dict[type, Sequence[Handler]] = {}


def react(table: Mapping[type, Sequence[Handler]]) -> None:
    """Set the whole table; the last one counts."""
    _handlers.clear()
    _handlers.update(table)


def tell(event: object) -> None:
    """Call the handlers of this kind of event in the order of the table."""
    for handler in _handlers.get(type(event), ()):
        handler(event)
