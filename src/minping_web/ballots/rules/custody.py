"""Keys of custodians: a file under a passphrase, and boxes that only its holder opens.

A key file holds an X25519 private key, encrypted with AES-256-GCM under scrypt of the passphrase. The round's
private key lies in boxes for each ordered pair of custodians: the outer one opens for the first, what is in
it for the second only. So any two open a round, in either order, and one alone learns nothing. Pure: bytes
in, bytes out; nothing here writes a file.

    box = ephemeral public key (32) || nonce (12) || ciphertext and tag
"""

from __future__ import annotations

import hashlib
import json
import os
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

KEY_BYTES, NONCE_BYTES, SALT_BYTES = 32, 12, 16
SHORTEST_PASSPHRASE = 12
LARGEST_FILE = 10_000
FORMAT = "minping custodian key 1"
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**17, 8, 1
"""128 MiB and some tenths of a second for each guess of a passphrase."""
_DOMAIN = b"minping custody 1"
_ABOUT = (
    "民评保管人密钥文件。与口令一起妥善保管：两位保管人的文件与口令才能打开一轮答卷；遗失不能重发。"
    " / Key file of a custodian of Minping. Keep it apart from its passphrase; it cannot be made again."
)


class NotAKeyFileError(ValueError):
    """The file is none of ours, or damaged."""


class WrongPassphraseError(ValueError):
    """The file is sound as far as one can see, but does not open."""


class NotForThisKeyError(ValueError):
    """The box was made for another key, or was changed."""


class Pair(NamedTuple):
    """Who opens the outer box, and who the inner one."""

    first: int
    second: int


@dataclass(frozen=True)
class NewKey:
    """A key pair that was just made: the file goes to its holder, the server keeps the public key alone."""

    public_key: bytes
    file: bytes


def key_id(public_key: bytes) -> str:
    """Sixteen hex digits that name a public key."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def new_pair() -> tuple[bytes, bytes]:
    """A fresh private key and its public key."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def public_of(private_key: bytes) -> bytes:
    """The public key of a private one."""
    return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def new_key_file(passphrase: str, body: str) -> NewKey:
    """Make a key pair and the file that keeps its private half."""
    private, public = new_pair()
    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    sealed = AESGCM(_stretched(passphrase, salt)).encrypt(nonce, private, FORMAT.encode() + public)
    content = {
        "format": FORMAT,
        "about": _ABOUT,
        "body": body,
        "key": key_id(public),
        "public_key": _text(public),
        "kdf": {"name": "scrypt", "n": SCRYPT_N, "r": SCRYPT_R, "p": SCRYPT_P, "salt": _text(salt)},
        "sealed": _text(nonce + sealed),
    }
    return NewKey(public, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())


def open_key_file(file: bytes, passphrase: str) -> bytes:
    """The private key; raises `NotAKeyFileError` or `WrongPassphraseError`."""
    try:
        content = json.loads(file[:LARGEST_FILE])
        if content["format"] != FORMAT or _costs(content["kdf"]) != (SCRYPT_N, SCRYPT_R, SCRYPT_P):
            raise NotAKeyFileError
        public, salt = _bytes(content["public_key"]), _bytes(content["kdf"]["salt"])
        sealed = _bytes(content["sealed"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotAKeyFileError from error
    try:
        cipher = AESGCM(_stretched(passphrase, salt))
        private = cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], FORMAT.encode() + public)
    except (InvalidTag, ValueError) as error:
        raise WrongPassphraseError from error
    if public_of(private) != public:
        raise NotAKeyFileError
    return private


def _costs(kdf: Mapping[str, object]) -> tuple[object, ...]:
    """What a file asks of scrypt: believed, a stranger's file could ask for all memory there is."""
    return kdf["n"], kdf["r"], kdf["p"]


def wrap_for_pairs(private_key: bytes, holders: Mapping[int, bytes], about: str) -> dict[Pair, bytes]:
    """The private key for every ordered pair of holders (id -> public key); `about` binds it to its round."""
    made = {}
    for first, second in permutations(sorted(holders), 2):
        pair = Pair(first, second)
        inner = _box(holders[second], private_key, _bound(about, pair, "inner"))
        made[pair] = _box(holders[first], inner, _bound(about, pair, "outer"))
    return made


def open_outer(box: bytes, private_key: bytes, pair: Pair, about: str) -> bytes:
    """The inner box, which only the second of the pair opens."""
    return _opened(box, private_key, _bound(about, pair, "outer"))


def open_inner(box: bytes, private_key: bytes, pair: Pair, about: str) -> bytes:
    """What two custodians brought forth together."""
    return _opened(box, private_key, _bound(about, pair, "inner"))


def _box(public_key: bytes, plain: bytes, about: bytes) -> bytes:
    mine = X25519PrivateKey.generate()
    ephemeral, nonce = mine.public_key().public_bytes_raw(), os.urandom(NONCE_BYTES)
    shared = mine.exchange(X25519PublicKey.from_public_bytes(public_key))
    return ephemeral + nonce + _cipher(shared, ephemeral + public_key).encrypt(nonce, plain, about)


def _opened(box: bytes, private_key: bytes, about: bytes) -> bytes:
    key = X25519PrivateKey.from_private_bytes(private_key)
    ephemeral, nonce = box[:KEY_BYTES], box[KEY_BYTES : KEY_BYTES + NONCE_BYTES]
    try:
        shared = key.exchange(X25519PublicKey.from_public_bytes(ephemeral))
        cipher = _cipher(shared, ephemeral + key.public_key().public_bytes_raw())
        return cipher.decrypt(nonce, box[KEY_BYTES + NONCE_BYTES :], about)
    except (InvalidTag, ValueError) as error:
        raise NotForThisKeyError from error


def _cipher(shared: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), KEY_BYTES, salt=salt, info=_DOMAIN).derive(shared))


def _bound(about: str, pair: Pair, layer: str) -> bytes:
    return f"{about}|{pair.first}|{pair.second}|{layer}".encode()


def _stretched(passphrase: str, salt: bytes) -> bytes:
    # Keyboards write the same letter in different ways; NFKC makes one of them.
    plain = unicodedata.normalize("NFKC", passphrase).encode()
    return Scrypt(salt=salt, length=KEY_BYTES, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P).derive(plain)


def _text(value: bytes) -> str:
    return b64encode(value).decode()


def _bytes(value: str) -> bytes:
    return b64decode(value, validate=True)
