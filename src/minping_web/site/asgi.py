"""One process for pages and live updates: `/live/` is asynchronous, everything else runs in threads; votes
take the short way there.

Pure ASGI costs Django about twice the time per page and loses its database connections, so pages go
through WSGI in a fixed pool (measured in the project's notes on the web stack).
"""

from __future__ import annotations

import os
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minping_web.site.settings")
live = get_asgi_application()

from minping_web.site.middleware import SHORT_WAY  # noqa: E402  (needs Django set up)
from minping_web.site.short_way import ShortWay  # noqa: E402
from minping_web.site.wsgi import application as pages_wsgi  # noqa: E402

THREADS = 8
pages = WSGIMiddleware(cast(Any, pages_wsgi), workers=THREADS)
votes = ShortWay(cast(Any, pages_wsgi), pages.executor)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Send each request to the half that serves it."""
    if scope["type"] == "http":
        await _half_for(scope["path"])(scope, receive, send)
    elif scope["type"] == "websocket":  # nothing here speaks it
        await send({"type": "websocket.close", "code": 1000})


def _half_for(path: str) -> Any:
    if path.startswith(SHORT_WAY):
        return votes
    return live if path.startswith("/live/") else pages
