"""A stream as a response: who may open it, what goes over the wire, when it ends.

An ordinary guarded view calls `stream`; the asynchronous half of the site iterates the answer. Comments keep
proxies from closing a quiet stream. A browser that comes back after the last event gets 204, which tells
it to stay away.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from importlib import import_module

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.db import connections
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import translation

from minping_web.common.live.pump import Subscriber, pump
from minping_web.common.live.topics import Reading, Topic, topic_of
from minping_web.common.pages import ScopedRequest
from minping_web.common.scope import scope_of_user

BEAT = 15.0
"""Seconds of silence after which a comment is sent."""
RETRY_MS = 3000
TOO_MANY = 429


def stream(request: ScopedRequest, topic_name: str, key: int) -> HttpResponseBase:
    """The stream of one key, for a signed-in user. Raises Http404 for what the scope may not see."""
    topic = topic_of(topic_name)
    if request.user.pk is None or not topic.permits(request.scope, key):
        raise Http404
    if pump.is_full_for(request.user.pk):
        return HttpResponse(status=TOO_MANY, headers={"Retry-After": "30"})
    if _has_all(request, topic.read([key]).get(key)):
        return HttpResponse(status=204)
    subscriber = Subscriber(topic_name, key, request.user.pk, _still_allowed(request, topic, key))
    response = StreamingHttpResponse(
        _events(subscriber, topic, translation.get_language() or settings.LANGUAGE_CODE),
        content_type="text/event-stream; charset=utf-8",
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _has_all(request: HttpRequest, reading: Reading | None) -> bool:
    """Whether a browser that reconnects saw the last event already."""
    return (
        reading is not None and reading.last and request.headers.get("Last-Event-ID") == str(reading.version)
    )


def _still_allowed(request: ScopedRequest, topic: Topic, key: int) -> Callable[[], bool]:
    """Whether session, account and right still stand; asked again and again while the stream is open."""
    session_key, user_id = request.session.session_key, request.user.pk or 0
    engine = import_module(settings.SESSION_ENGINE)

    def allowed() -> bool:
        asked = HttpRequest()
        asked.session = engine.SessionStore(session_key)
        user = get_user(asked)  # checks the session's hash: a changed password ends it
        if user.pk != user_id or not user.is_active:
            return False
        return topic.permits(scope_of_user(user_id), key)

    return allowed


async def _events(subscriber: Subscriber, topic: Topic, language: str) -> AsyncIterator[bytes]:
    # The view's thread would keep its connection as long as the stream is open.
    await sync_to_async(connections.close_all)()
    if pump.is_full_for(subscriber.user_id):
        return
    pump.join(subscriber)
    try:
        yield f"retry: {RETRY_MS}\n\n".encode()
        while True:
            try:
                reading = await asyncio.wait_for(subscriber.waiting.get(), BEAT)
            except TimeoutError:
                yield b": beat\n\n"
                continue
            if reading is None:
                return
            yield _event(reading, topic, language)
            if reading.last:
                return
    finally:
        pump.leave(subscriber)


def _event(reading: Reading, topic: Topic, language: str) -> bytes:
    with translation.override(language):
        message = json.dumps(dict(topic.message(reading)), ensure_ascii=False, separators=(",", ":"))
    return f"id: {reading.version}\ndata: {message}\n\n".encode()
