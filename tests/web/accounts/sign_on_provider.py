"""A small OpenID Connect provider over real HTTP: discovery, key set, code flow with PKCE, RS256.

It signs what a test tells it to, wrong things as well, so that refusals can be seen.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from minping_web.common.clock import now

CLIENT, SECRET = "minping-tests", "a-client-secret"


def new_key() -> rsa.RSAPrivateKey:
    """A signing key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def usual_key() -> rsa.RSAPrivateKey:
    """The key that providers of one test run share; making one takes a while."""
    return new_key()


@dataclass
class Provider:
    """One provider; `changes` overrides claims of the next token (None leaves a claim out)."""

    key: rsa.RSAPrivateKey = field(default_factory=usual_key)
    signs_with: rsa.RSAPrivateKey | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    url: str = ""

    def authorize(self, address: str) -> str:
        """What the login page of a provider does when the user agrees: where the browser goes next."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = secrets.token_urlsafe(12)
        self.asked[code] = query
        return f"{query['redirect_uri']}?code={code}&state={query['state']}"

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        """Answer of the token endpoint; a code counts once and only with its verifier."""
        query = self.asked.pop(form.get("code", ""), None)
        if query is None or form.get("client_secret") != SECRET:
            return None
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != query.get("code_challenge"):
            return None
        claims: dict[str, Any] = {
            "iss": self.url, "sub": "subject-1", "aud": CLIENT, "iat": int(now().timestamp()),
            "exp": int(now().timestamp()) + 300, "nonce": query.get("nonce"),
        }  # fmt: skip
        claims = {name: value for name, value in (claims | self.changes).items() if value is not None}
        told = jwt.encode(claims, self.signs_with or self.key, algorithm="RS256", headers={"kid": "k1"})
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": told}

    def public(self, path: str) -> dict[str, Any]:
        """Discovery and key set."""
        if path == "/jwks":
            jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
            return {"keys": [jwk | {"kid": "k1", "use": "sig", "alg": "RS256"}]}
        return {
            "issuer": self.url, "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token", "jwks_uri": f"{self.url}/jwks",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }  # fmt: skip


@contextmanager
def running(provider: Provider) -> Iterator[Provider]:
    """Serve it on a free port."""

    class Handler(BaseHTTPRequestHandler):
        """Answers for this provider."""

        def do_GET(self) -> None:
            self._send(provider.public(self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._send(provider.token({name: values[0] for name, values in parse_qs(body).items()}))

        def _send(self, answer: dict[str, Any] | None) -> None:
            self.send_response(200 if answer else 400)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(answer or {"error": "invalid_grant"}).encode())

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
