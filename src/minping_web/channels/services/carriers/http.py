"""A carrier behind HTTP: one call per message, at a steady pace, with a clear view of what a failure means.

Before the request has left the machine nothing can have been sent (LATER). Afterwards only an answer tells:
without one a carrier that sends equal keys once is asked again, any other parcel is UNSURE. Redirects are
not followed, since they would carry phones elsewhere. Nothing of a parcel reaches a log or an exception.
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from minping_web.channels.services.carriers.protocol import Outcome, Parcel, Receipt
from minping_web.channels.services.carriers.template import HttpTemplate, at_path, listed, secret_of

TRIES = 3
FIRST_PAUSE = 0.5
TIMEOUT = 15.0
LARGEST_ANSWER = 1_000_000
NOT_US = frozenset({401, 403, 404, 407, 408, 429, 503})
"""Answers that say nothing about the message: a wrong secret or a busy gateway must not fail every number."""


class HttpCarrier:
    """Speaks to one provider."""

    most_at_once = 20

    def __init__(self, config: Mapping[str, Any], name: str, per_second: int, *, idempotent: bool) -> None:
        self.template, self.name, self.idempotent = HttpTemplate.of(config), name, idempotent
        self._apart = 1.0 / max(per_second, 1)
        self._next = 0.0

    def send(self, parcels: Sequence[Parcel]) -> list[Receipt]:
        """One call each; after a LATER the rest is not tried."""
        secret = secret_of(self.name)
        if secret is None:
            return [Receipt(parcel.key, Outcome.LATER, reason="secret_missing") for parcel in parcels]
        receipts: list[Receipt] = []
        for parcel in parcels:
            if receipts and receipts[-1].outcome in (Outcome.LATER, Outcome.UNSURE):
                receipts.append(Receipt(parcel.key, self._untried(parcel), reason="not_tried"))
            else:
                receipts.append(self._sent(parcel, secret))
        return receipts

    def _untried(self, parcel: Parcel) -> Outcome:
        """What an earlier try left open stays open."""
        return Outcome.UNSURE if parcel.again and not self.idempotent else Outcome.LATER

    def _sent(self, parcel: Parcel, secret: str) -> Receipt:
        values = {"phone": parcel.phone, "text": parcel.text, "key": parcel.key, "secret": secret}
        receipt = Receipt(parcel.key, Outcome.LATER)
        for number in range(TRIES):
            if number:
                time.sleep(FIRST_PAUSE * 2 ** (number - 1))
            self._keep_pace()
            receipt = self._once(parcel, values)
            settled = receipt.outcome in (Outcome.ACCEPTED, Outcome.REFUSED)
            if settled or (receipt.outcome is Outcome.UNSURE and not self.idempotent):
                return receipt
        # A carrier that knows the key will be asked again by the next job: nothing can go twice.
        return Receipt(parcel.key, Outcome.LATER, reason=receipt.reason)

    def _once(self, parcel: Parcel, values: Mapping[str, str]) -> Receipt:
        body, headers = self.template.filled_body(values), self.template.filled_headers(values)
        try:
            connection = _connected(self.template.url)
        except (OSError, ssl.SSLError):
            return Receipt(parcel.key, Outcome.LATER, reason="no_connection")
        try:
            connection.request("POST", _target(self.template.url), body, headers)
            answer = connection.getresponse()
            content = answer.read(LARGEST_ANSWER)
        except (OSError, http.client.HTTPException):
            return Receipt(parcel.key, Outcome.UNSURE, reason="no_answer")
        finally:
            connection.close()
        return self._read(parcel.key, answer.status, content)

    def _read(self, key: str, status: int, content: bytes) -> Receipt:
        if status in NOT_US or 300 <= status < 400:
            return Receipt(key, Outcome.LATER, reason=f"http_{status}")
        try:
            answer = json.loads(content)
        except ValueError:
            return Receipt(key, Outcome.UNSURE, reason=f"http_{status}")
        code = at_path(answer, self.template.success_path)
        if status < 300 and str(code) == self.template.success_value:
            return Receipt(key, Outcome.ACCEPTED, str(at_path(answer, self.template.ref_path) or key))
        if str(code) in listed(self.template.later_values):
            return Receipt(key, Outcome.LATER, reason=short_code(code))
        if status >= 500 or code is None:
            return Receipt(key, Outcome.UNSURE, reason=f"http_{status}")
        return Receipt(key, Outcome.REFUSED, reason=short_code(at_path(answer, self.template.reason_path)))

    def _keep_pace(self) -> None:
        moment = time.monotonic()
        if moment < self._next:
            time.sleep(self._next - moment)
        self._next = max(moment, self._next) + self._apart

    def ask_receipts(self) -> Any:
        """The carrier's list of receipts, None where it gives none now."""
        secret = secret_of(self.name)
        if secret is None or not self.template.receipts_url:
            return None
        headers = self.template.filled_headers(
            dict.fromkeys(("phone", "text", "key"), "") | {"secret": secret}
        )
        try:
            connection = _connected(self.template.receipts_url)
            try:
                connection.request("GET", _target(self.template.receipts_url), headers=headers)
                answer = connection.getresponse()
                content = answer.read(LARGEST_ANSWER * 20)
            finally:
                connection.close()
            return json.loads(content) if answer.status == 200 else None
        except (OSError, http.client.HTTPException, ValueError):
            return None


def _connected(url: str) -> http.client.HTTPConnection:
    """An open connection: what fails here has sent nothing."""
    parts = urlsplit(url)
    made: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        made = http.client.HTTPSConnection(str(parts.hostname), parts.port, timeout=TIMEOUT, context=context)
    else:
        made = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=TIMEOUT)
    made.connect()
    return made


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def short_code(value: object) -> str:
    """A carrier's code, short and of letters that no page can mistake."""
    return "".join(sign for sign in str(value) if sign.isalnum() or sign in "-_.")[:28]
