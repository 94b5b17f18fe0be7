"""What the surroundings say: read once, by the settings. All names begin with MINPING_, but DATABASE_URL.

| name | meaning | default |
|---|---|---|
| MINPING_DATA | folder of database, keys, ledger, static files | ./minping-data |
| MINPING_KEYS | folder of the keys; another disk than the data where possible | keys in MINPING_DATA |
| DATABASE_URL | postgresql://user:password@host:port/name, or sqlite:///path | SQLite in MINPING_DATA |
| MINPING_DEMO | 1 = demonstration: invented accounts may be entered without password | off |
| MINPING_HOSTS | names under which the site is reached, by comma | localhost only |
| MINPING_HTTPS | 0 = plain HTTP behind nothing (demonstration, tests) | on, off in a demonstration |
| MINPING_PROXIES | addresses or networks of our own proxies: only these name the visitor | 127.0.0.1 |
| MINPING_OIDC_URL, _CLIENT_ID, _SECRET, _NAME | the district's single sign-on (OpenID Connect) | none |
| MINPING_METRICS_TOKEN | bearer token for /metrics from elsewhere | nobody may |
| MINPING_LEDGER_MIRROR | folder on another machine that gets a copy of each published file | none |
| MINPING_TIMESTAMP_URL | address of a timestamp authority (RFC 3161) for checkpoints of the log | none |
| MINPING_TIMESTAMP_ROOTS | file with its root certificates (PEM) | none |
| MINPING_PAYROLL_COLUMNS | columns of payroll files, such as number=Number,amount=Pay | the usual five |
| MINPING_STATIC | plain = static files straight from the packages, for developers | plain in a demo |

`minping init` keeps its answers in `minping.env` in the data folder (lines NAME=value); the environment
goes before the file.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

SQLITE_START = (
    "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA busy_timeout=20000;"
    "PRAGMA cache_size=-20000;PRAGMA mmap_size=134217728;PRAGMA secure_delete=ON;PRAGMA foreign_keys=ON;"
)

ENV_FILE = "minping.env"
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True)
class SingleSignOn:
    """An OpenID Connect provider of the district."""

    url: str
    client_id: str
    secret: str
    name: str

    def app(self, provider_id: str) -> dict[str, Any]:
        """As the sign-in library wants it; the ID token says who it is, user info is not asked for."""
        asked = {"server_url": self.url, "fetch_userinfo": False, "oauth_pkce_enabled": True}
        return {
            "provider_id": provider_id,
            "name": self.name,
            "client_id": self.client_id,
            "secret": self.secret,
            "settings": asked,
        }


def single_sign_on(told: dict[str, str]) -> SingleSignOn | None:
    """The provider that the environment names; ValueError for one over plain HTTP elsewhere than here."""
    url = told.get("MINPING_OIDC_URL", "").rstrip("/")
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
        raise ValueError("MINPING_OIDC_URL must begin with https://")
    return SingleSignOn(
        url,
        told.get("MINPING_OIDC_CLIENT_ID", ""),
        told.get("MINPING_OIDC_SECRET", ""),
        told.get("MINPING_OIDC_NAME", "统一身份认证"),
    )


@dataclass(frozen=True)
class Surroundings:
    """The settings that differ between machines."""

    data: Path
    keys: Path
    ledger_mirror: Path | None
    database: dict[str, Any]
    demo: bool
    hosts: tuple[str, ...]
    https: bool
    proxies: tuple[str, ...]
    metrics_token: str
    plain_static: bool
    payroll_columns: str = ""
    timestamp_url: str = ""
    timestamp_roots: Path | None = None
    single_sign_on: SingleSignOn | None = None


def surroundings() -> Surroundings:
    """Read the environment, and below it the file in the data folder."""
    data = data_folder()
    told = {**answers_of(data / ENV_FILE), **os.environ}
    demo = told.get("MINPING_DEMO") == "1"
    return Surroundings(
        data=data,
        ledger_mirror=Path(told["MINPING_LEDGER_MIRROR"]) if told.get("MINPING_LEDGER_MIRROR") else None,
        keys=Path(told.get("MINPING_KEYS") or data / "keys").resolve(),
        database=database_from(told.get("DATABASE_URL") or f"sqlite:///{data}/minping.sqlite3"),
        demo=demo,
        hosts=_listed(told.get("MINPING_HOSTS", "")) or LOOPBACK,
        https=_https(told.get("MINPING_HTTPS", ""), demo=demo),
        proxies=_listed(told.get("MINPING_PROXIES", "127.0.0.1")),
        metrics_token=told.get("MINPING_METRICS_TOKEN", ""),
        plain_static=told.get("MINPING_STATIC", "plain" if demo else "") == "plain",
        payroll_columns=told.get("MINPING_PAYROLL_COLUMNS", ""),
        timestamp_url=told.get("MINPING_TIMESTAMP_URL", ""),
        timestamp_roots=Path(roots) if (roots := told.get("MINPING_TIMESTAMP_ROOTS")) else None,
        single_sign_on=single_sign_on(told),
    )


def data_folder() -> Path:
    """Where everything lies that is not code."""
    return Path(os.environ.get("MINPING_DATA", "minping-data")).resolve()


def answers_of(file: Path) -> dict[str, str]:
    """Names and values of a file of NAME=value lines; nothing where there is no file."""
    if not file.is_file():
        return {}
    rows = (line.partition("=") for line in file.read_text("utf-8").splitlines())
    return {name.strip(): value.strip() for name, sign, value in rows if sign and not name.startswith("#")}


def _https(told: str, *, demo: bool) -> bool:
    """A word that is neither must not switch protection off unseen."""
    if told not in {"", "0", "1"}:
        raise ValueError("MINPING_HTTPS must be 0 or 1")
    return told == "1" if told else not demo


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def database_from(url: str) -> dict[str, Any]:
    """Django's settings of a database address; raises ValueError for other kinds."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path)[1:] or ":memory:",
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_START},
            "CONN_MAX_AGE": 60,  # opening one takes longer than a vote
        }
    if parts.scheme in {"postgresql", "postgres"}:
        asked: dict[str, Any] = dict(parse_qsl(parts.query))
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path[1:]),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": asked.pop("host", unquote(_host_of(parts.netloc))),
            "PORT": str(parts.port or ""),
            "OPTIONS": asked,
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    raise ValueError("DATABASE_URL must begin with postgresql:// or sqlite:///")


def _host_of(netloc: str) -> str:
    """The host as written: a socket's folder (`%2Frun%2Fpg`) may hold capital letters."""
    host = netloc.rpartition("@")[2]
    return host.partition("]")[0][1:] if host.startswith("[") else host.partition(":")[0]


def secret_key(folder: Path) -> str:
    """The key that signs sessions; made at the first start, kept beside the other keys."""
    path = folder / "session-key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text("utf-8")
