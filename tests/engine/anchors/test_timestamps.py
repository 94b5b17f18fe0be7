"""RFC 3161: requests that openssl answers; answers that prove a time, and what proves nothing."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from minping_engine.anchors import check_timestamp, timestamp_request
from minping_engine.errors import InputError, MinpingError
from minping_engine.proof import Checkpoint
from tests.engine.anchors.authority import Authority, authority

TEXT = Checkpoint("example.gov.cn/minping-log", 7, bytes(32)).text
OTHER = Checkpoint("example.gov.cn/minping-log", 8, bytes(32)).text


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def answer(ours: Authority) -> bytes:
    return ours.answers(timestamp_request(TEXT))


def code(answer: bytes, text: bytes, roots: bytes) -> str:
    with pytest.raises(MinpingError) as raised:
        check_timestamp(answer, text, roots)
    return raised.value.problems[0].code


def test_openssl_reads_the_request_as_one_of_our_text(tmp_path: Path) -> None:
    (tmp_path / "request.tsq").write_bytes(timestamp_request(TEXT))
    (tmp_path / "text").write_bytes(TEXT)
    run = ["openssl", "ts", "-query", "-in", str(tmp_path / "request.tsq"), "-text"]
    read = subprocess.run(run, check=True, capture_output=True, text=True).stdout
    assert "Hash Algorithm: sha256" in read
    made = ["openssl", "ts", "-query", "-data", str(tmp_path / "text"), "-sha256", "-cert", "-no_nonce"]
    assert subprocess.run(made, check=True, capture_output=True).stdout == timestamp_request(TEXT)


def test_an_answer_proves_a_time(ours: Authority, answer: bytes) -> None:
    stamped = check_timestamp(answer, TEXT, ours.root)
    assert abs(stamped.time - datetime.now(UTC)) < timedelta(minutes=10)  # noqa: TID251  # as openssl stamped it
    assert stamped.authority == "CN=Invented Time Authority"


def test_an_answer_to_another_text_proves_nothing(ours: Authority, answer: bytes) -> None:
    assert code(answer, OTHER, ours.root) == "anchors.stamp_other"


def test_an_authority_that_is_not_trusted_proves_nothing(answer: bytes, tmp_path: Path) -> None:
    stranger = authority(tmp_path)
    assert code(answer, TEXT, stranger.root) == "anchors.stamp_untrusted"


def test_every_flipped_byte_of_an_answer_proves_nothing_or_the_same(ours: Authority, answer: bytes) -> None:
    """Bytes that nothing signs (spare certificates) may change; then the time is the same."""
    right, kept = check_timestamp(answer, TEXT, ours.root).time, 0
    for place in range(0, len(answer), 7):
        changed = answer[:place] + bytes([answer[place] ^ 1]) + answer[place + 1 :]
        try:
            assert check_timestamp(changed, TEXT, ours.root).time == right, place
        except MinpingError:
            continue
        kept += 1
    assert kept < len(answer) / 7 / 10


@pytest.mark.parametrize("content", [b"", b"text", bytes(500)])
def test_what_is_no_answer_is_refused(content: bytes, ours: Authority) -> None:
    assert code(content, TEXT, ours.root) == "anchors.stamp_malformed"


def test_a_refusal_of_the_authority_is_told(ours: Authority) -> None:
    malformed = ours.answers(b"nonsense")
    assert code(malformed, TEXT, ours.root) == "anchors.stamp_refused"


def test_certificates_that_are_none_are_refused(answer: bytes) -> None:
    with pytest.raises(InputError):
        check_timestamp(answer, TEXT, b"none")
