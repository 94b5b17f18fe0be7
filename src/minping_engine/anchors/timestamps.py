"""Timestamps of an authority (RFC 3161): a known body says that a checkpoint existed at a time.

In: a checkpoint's text; the authority's answer and the certificates that the auditor trusts. Out: the
request as bytes, or the time. The request holds a hash only and no nonce: it is a function of the
checkpoint, so it can be made again, and an old answer to it is as good as a new one (it says an earlier
time). Reading answers needs the extra `minping[anchors]`; posting is the caller's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib.util import find_spec
from typing import TYPE_CHECKING

from minping_engine.errors import InputError, IntegrityError, Place, SetupError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse

LIBRARY = "rfc3161_client"
GRANTED = 0
STAMP = "timestamp"


@dataclass(frozen=True)
class Timestamp:
    """What an answer proves: the text existed at `time`, says the holder of this certificate."""

    time: datetime
    authority: str


def timestamp_request(text: bytes) -> bytes:
    """The request to send to the authority (`application/timestamp-query`) for a checkpoint's text."""
    _need_library()
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    builder = TimestampRequestBuilder().data(text).hash_algorithm(HashAlgorithm.SHA256)
    return builder.nonce(nonce=False).cert_request(cert_request=True).build().as_bytes()


def check_timestamp(answer: bytes, text: bytes, roots: bytes, file: str = STAMP) -> Timestamp:
    """What an answer proves about a text, under the root certificates (PEM) that the auditor trusts.

    Raises `IntegrityError` where it proves nothing; certificates count as of the time stated.
    """
    _need_library()
    response, place = _decoded(answer, file), Place(file=file)
    if bytes(response.tst_info.message_imprint.message) not in _hashes(text):
        raise IntegrityError.of("anchors.stamp_other", place)
    trusted = _certificates(roots)
    _verify(response, text, trusted, place)
    signer = next(iter(response.signed_data.signer_infos))
    known = [*trusted, *_loaded(response.signed_data.certificates)]
    names = [one.subject.rfc4514_string() for one in known if one.serial_number == signer.serial_number]
    return Timestamp(response.tst_info.gen_time, names[0] if names else "")


def _decoded(answer: bytes, file: str) -> TimeStampResponse:
    from rfc3161_client import decode_timestamp_response

    try:
        response = decode_timestamp_response(answer)
        is_granted = response.status == GRANTED
        if is_granted:
            _ = response.tst_info.message_imprint.message, response.signed_data.signer_infos
    except ValueError as error:
        raise IntegrityError.of("anchors.stamp_malformed", Place(file=file)) from error
    if not is_granted:
        raise IntegrityError.of("anchors.stamp_refused", Place(file=file), status=response.status)
    return response


def _verify(response: TimeStampResponse, text: bytes, trusted: Iterable[Certificate], place: Place) -> None:
    from rfc3161_client import VerificationError, VerifierBuilder

    builder = VerifierBuilder()
    for one in trusted:
        builder = builder.add_root_certificate(one)
    try:
        builder.build().verify_message(response, text)
    except (VerificationError, ValueError) as error:
        raise IntegrityError.of("anchors.stamp_untrusted", place) from error


def _certificates(roots: bytes) -> list[Certificate]:
    from cryptography.x509 import load_pem_x509_certificates

    try:
        return load_pem_x509_certificates(roots)
    except ValueError as error:
        raise InputError.of("anchors.roots_malformed") from error


def _loaded(certificates: Iterable[bytes]) -> list[Certificate]:
    from cryptography.x509 import load_der_x509_certificate

    return [load_der_x509_certificate(one) for one in certificates]


def _hashes(text: bytes) -> set[bytes]:
    """What an authority may have stamped for a text; its own hash is compared again when it is verified."""
    from hashlib import sha384, sha512

    return {sha256(text).digest(), sha384(text).digest(), sha512(text).digest()}


def _need_library() -> None:
    if find_spec(LIBRARY) is None:
        raise SetupError.of("anchors.no_library")
