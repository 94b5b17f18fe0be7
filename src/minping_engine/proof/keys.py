"""Keys of signed notes: the public text an auditor keeps, and the key that signs (C2SP signed-note).

In: key texts, or a name with 32 random bytes that the caller drew. Out: signatures, and whether one is right.
A public key's text is `name+hash+base64`. Two kinds are known: Ed25519 (0x01) and the timestamped cosignature
of a witness (0x04); others are added here.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from minping_engine.errors import InputError

ED25519, COSIGNATURE = 1, 4
KEY_SIZE = SEED_SIZE = 32
HASH_DIGITS = 8
TIME_SIZE = 8
LATEST_TIME = 2**63 - 1
SECRET_PREFIX = "PRIVATE+KEY+"


@dataclass(frozen=True)
class VerifierKey:
    """A public key with its name; `str()` is the text to hand out."""

    name: str
    public: bytes
    kind: int = ED25519

    @property
    def key_hash(self) -> bytes:
        """The four bytes by which a signature line names the key."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def verifies(self, text: bytes, signature: bytes) -> bool:
        """Whether the signature (without the key hash) is this key's on that text."""
        if self.kind == COSIGNATURE:
            seconds = int.from_bytes(signature[:TIME_SIZE], "big")
            if seconds > LATEST_TIME:
                return False
            text = said_text(text, seconds)
            signature = signature[TIME_SIZE:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature:
            return False
        return True

    def __str__(self) -> str:
        encoded = b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.key_hash.hex()}+{encoded}"


@dataclass(frozen=True)
class SigningKey:
    """A key that signs; its seed is never shown. `secret_text` is for the safe where it is kept."""

    name: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not is_key_name(self.name) or len(self.seed) != SEED_SIZE:
            raise InputError.of("ledger.signing_key_malformed")

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(self.name, self._private.public_key().public_bytes_raw())

    @property
    def secret_text(self) -> str:
        """`PRIVATE+KEY+name+hash+base64`."""
        encoded = b64encode(bytes([ED25519]) + self.seed).decode()
        return f"{SECRET_PREFIX}{self.name}+{self.verifier.key_hash.hex()}+{encoded}"

    def sign(self, text: bytes) -> bytes:
        """The signature on a text."""
        return self._private.sign(text)

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def said_text(text: bytes, seconds: int) -> bytes:
    """What a witness signs: that it saw this checkpoint's text at that time."""
    return b"cosignature/v1\ntime %d\n" % seconds + text


def verifier_key(text: str) -> VerifierKey:
    """The public key of its text. Raises `InputError` where it is none or its hash does not fit."""
    name, written, kind, public = key_parts(text.strip(), "ledger.key_malformed")
    key = VerifierKey(name, public, kind)
    if kind not in (ED25519, COSIGNATURE) or key.key_hash != written:
        raise InputError.of("ledger.key_malformed")
    return key


def signing_key(secret_text: str) -> SigningKey:
    """The signing key of its secret text. Raises `InputError` where it is none."""
    text = secret_text.strip()
    name, written, kind, seed = key_parts(text.removeprefix(SECRET_PREFIX), "ledger.signing_key_malformed")
    key = SigningKey(name, seed)
    if not text.startswith(SECRET_PREFIX) or kind != ED25519 or key.verifier.key_hash != written:
        raise InputError.of("ledger.signing_key_malformed")
    return key


def key_parts(text: str, code: str) -> tuple[str, bytes, int, bytes]:
    """Name, hash, kind and key bytes of a key's text."""
    name, _, rest = text.partition("+")
    digits, _, encoded = rest.partition("+")
    content = decoded(encoded)
    fits = is_key_name(name) and re.fullmatch(rf"[0-9a-f]{{{HASH_DIGITS}}}", digits)
    if not fits or content is None or len(content) != 1 + KEY_SIZE:
        raise InputError.of(code)
    return name, bytes.fromhex(digits), content[0], content[1:]


def is_key_name(name: str) -> bool:
    """Whether a text may name a key: not empty, no spaces, no plus, nothing invisible."""
    return bool(name) and "+" not in name and not re.search(r"[\s\x00-\x1f\x7f]", name)


def decoded(text: str) -> bytes | None:
    """The bytes of Base64 text; None where it is none or has a second spelling, so that one changed
    character never goes unnoticed."""
    try:
        content = b64decode(text, validate=True)
    except (Base64Error, ValueError):
        return None
    return content if b64encode(content).decode() == text else None
