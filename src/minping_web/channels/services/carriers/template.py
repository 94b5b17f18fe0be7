"""An HTTP interface as data: address, headers, body with gaps, where the answer says what.

Gaps `{phone} {text} {key} {secret}` are escaped for the kind of body, so a text cannot break out of it. A
path such as `data.items.0.id` leads through objects and lists of an answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlsplit

from django.conf import settings

from minping_engine.errors import Place, Problem

GAPS = ("phone", "text", "key", "secret")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_GAP = re.compile(r"\{(phone|text|key|secret)\}")
_ANY_GAP = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True)
class HttpTemplate:
    """How a carrier's interface is spoken to."""

    url: str = ""
    headers: str = ""
    body: str = ""
    content: str = "application/json"
    success_path: str = "code"
    success_value: str = "0"
    ref_path: str = "id"
    reason_path: str = "code"
    later_values: str = ""
    """Codes that mean: not now (too fast, no credit), by comma."""
    receipts_url: str = ""
    """Asked every few minutes for receipts where the carrier does not call us."""
    receipts_path: str = "receipts"
    receipt_ref: str = "id"
    receipt_status: str = "status"
    delivered_values: str = "delivered"
    pending_values: str = "pending"
    inbound_path: str = "replies"
    inbound_phone: str = "phone"
    inbound_text: str = "text"

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> HttpTemplate:
        """From a provider's row."""
        known = {name: str(value) for name, value in config.items() if name in cls.__dataclass_fields__}
        return cls(**known)

    def filled_body(self, values: Mapping[str, str]) -> bytes:
        """The body of one message."""
        escape = _in_form if "form" in self.content else _in_json
        return _GAP.sub(lambda found: escape(values[found[1]]), self.body).encode()

    def filled_headers(self, values: Mapping[str, str]) -> dict[str, str]:
        """The headers of one message; a value with a line end is a fault of ours."""
        lines = [line.partition(":") for line in self.headers.splitlines() if line.strip()]
        made = {
            name.strip(): _GAP.sub(lambda found: values[found[1]], value.strip()) for name, _c, value in lines
        }
        return {"Content-Type": f"{self.content}; charset=utf-8"} | made

    def faults(self) -> list[Problem]:
        """What would not work, or would carry phones in the open."""
        found = [Problem("channels.not_https", Place(key=name)) for name in ("url", "receipts_url")
                 if getattr(self, name) and not _is_guarded(getattr(self, name))]  # fmt: skip
        if not self.url:
            found.append(Problem("channels.url_missing", Place(key="url")))
        if not {"phone", "text"} <= set(_GAP.findall(self.body)):
            found.append(Problem("channels.body_gaps", Place(key="body")))
        found += [Problem("channels.gap_unknown", Place(key=key), {"found": name})
                  for key in ("body", "headers") for name in _ANY_GAP.findall(getattr(self, key))
                  if name not in GAPS]  # fmt: skip
        if "phone" in _GAP.findall(self.headers) or "text" in _GAP.findall(self.headers):
            found.append(Problem("channels.gap_in_header", Place(key="headers")))
        if "json" in self.content and not _is_json(self.filled_body(dict.fromkeys(GAPS, "1"))):
            found.append(Problem("channels.body_not_json", Place(key="body")))
        return found


def at_path(answer: Any, path: str) -> Any:
    """What a path leads to, None where it leads nowhere.

    >>> at_path({"data": [{"id": 7}]}, "data.0.id")
    7
    """
    for step in filter(None, path.split(".")):
        if isinstance(answer, Mapping):
            answer = answer.get(step)
        elif isinstance(answer, list) and step.isdecimal() and int(step) < len(answer):
            answer = answer[int(step)]
        else:
            return None
    return answer


def listed(values: str) -> list[str]:
    """Values by comma."""
    return [value.strip() for value in values.split(",") if value.strip()]


def secret_of(name: str) -> str | None:
    """A provider's secret: the file `providers/<name>` in the key folder, put there by the operator."""
    path = Path(settings.KEY_FOLDER) / "providers" / name
    return path.read_text("utf-8").strip() if path.is_file() else None


def _is_guarded(url: str) -> bool:
    """HTTPS, or plain HTTP to this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


def _in_json(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


def _in_form(value: str) -> str:
    return quote_plus(value)
