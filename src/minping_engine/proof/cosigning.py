"""Keys of witnesses: a signature with a time on somebody else's checkpoint (C2SP tlog-cosignature, Ed25519).

In: a name with 32 random bytes that the caller drew, a checkpoint's text, a time. Out: a signature line
that says "as of then, this is the largest tree of that log that I have seen, and it continues all earlier
ones". Whether that is so is decided in `witness`. One public key serves one witness: the signed text does
not name it.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from minping_engine.errors import InputError
from minping_engine.proof.keys import (
    COSIGNATURE,
    LATEST_TIME,
    SECRET_PREFIX,
    SEED_SIZE,
    TIME_SIZE,
    VerifierKey,
    is_key_name,
    key_parts,
    said_text,
)
from minping_engine.proof.notes import SignatureLine


@dataclass(frozen=True)
class WitnessKey:
    """A key that cosigns; its seed is never shown. `secret_text` is for the safe where it is kept."""

    name: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not is_key_name(self.name) or len(self.seed) != SEED_SIZE:
            raise InputError.of("ledger.signing_key_malformed")

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(self.name, self._private.public_key().public_bytes_raw(), COSIGNATURE)

    @property
    def secret_text(self) -> str:
        """`PRIVATE+KEY+name+hash+base64`."""
        encoded = b64encode(bytes([COSIGNATURE]) + self.seed).decode()
        return f"{SECRET_PREFIX}{self.name}+{self.verifier.key_hash.hex()}+{encoded}"

    def cosign(self, text: bytes, seconds: int) -> SignatureLine:
        """The line for a checkpoint's text at a time (seconds since 1970, at least 1)."""
        if not 0 < seconds <= LATEST_TIME:
            raise InputError.of("witness.time_impossible", seconds=seconds)
        signature = self._private.sign(said_text(text, seconds))
        return SignatureLine(
            self.name, self.verifier.key_hash, seconds.to_bytes(TIME_SIZE, "big") + signature
        )

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def witness_key(secret_text: str) -> WitnessKey:
    """The witness's key of its secret text. Raises `InputError` where it is none."""
    text = secret_text.strip()
    name, written, kind, seed = key_parts(text.removeprefix(SECRET_PREFIX), "ledger.signing_key_malformed")
    key = WitnessKey(name, seed)
    if not text.startswith(SECRET_PREFIX) or kind != COSIGNATURE or key.verifier.key_hash != written:
        raise InputError.of("ledger.signing_key_malformed")
    return key


def cosigned_at(line: SignatureLine) -> int:
    """The time that a witness's line states, in seconds since 1970."""
    return int.from_bytes(line.signature[:TIME_SIZE], "big")
