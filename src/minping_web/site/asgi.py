"""One process for pages and live updates: `/live/` is asynchronous, everything else runs in threads.

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

from minping_web.site.wsgi import application as pages_wsgi  # noqa: E402  (needs Django set up)

THREADS = 8
pages = WSGIMiddleware(cast(Any, pages_wsgi), workers=THREADS)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Send each request to the half that serves it."""
    if scope["type"] == "http":
        half = live if scope["path"].startswith("/live/") else pages
        await half(scope, receive, send)  # type: ignore[arg-type]
    elif scope["type"] == "websocket":  # nothing here speaks it
        await send({"type": "websocket.close", "code": 1000})
