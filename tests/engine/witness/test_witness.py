"""A witness signs what continues the last checkpoint; its other answers are those of C2SP tlog-witness."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from minping_engine.errors import InputError
from minping_engine.proof import (
    Checkpoint,
    SigningKey,
    cosigned_at,
    parse_lines,
    parse_note,
    sign_checkpoint,
    sign_note,
    verifier_key,
    witness_key,
)
from minping_engine.witness import NOTHING, Witness, parse_request
from tests.engine.proof.logs import KEY, ORIGIN, numbered, proof_of, tree_hash
from tests.engine.witness.bodies import BEGIN, key_of, log, request, sent, state, witness

SIZE = "text/x.tlog.size"
SEVEN = log(7)


def body(old: int, proof: list[bytes], note: bytes) -> bytes:
    """A request written word by word as the specification has it."""
    lines = [f"old {old}", *(b64encode(one).decode() for one in proof), ""]
    return "\n".join(lines).encode() + b"\n" + note


def signed(size: int, root: bytes, key: SigningKey = KEY) -> bytes:
    return sign_checkpoint(Checkpoint(key.name, size, root), key)


def test_the_first_checkpoint_is_cosigned_with_type_4_and_the_time() -> None:
    """Every byte of the line built here again from the specification's words and the raw key."""
    answer = sent(witness(), SEVEN, 0)
    private = Ed25519PrivateKey.from_private_bytes(key_of(1).seed)
    name, public = key_of(1).name, private.public_key().public_bytes_raw()
    text = f"{ORIGIN}\n7\n{b64encode(tree_hash(numbered(7))).decode()}\n".encode()
    signature = private.sign(f"cosignature/v1\ntime {BEGIN}\n".encode() + text)
    key_id = sha256(name.encode() + b"\n\x04" + public).digest()[:4]
    line = b64encode(key_id + BEGIN.to_bytes(8, "big") + signature).decode()
    assert (answer.status, answer.body) == (200, f"— {name} {line}\n".encode())


def test_the_request_is_written_as_the_specification_says() -> None:
    proof = proof_of(3, numbered(7))
    assert request(SEVEN, 3) == body(3, proof, SEVEN.files["checkpoint"])
    parsed = parse_request(request(SEVEN, 3))
    assert parsed is not None
    assert (parsed.old_size, list(parsed.proof), bytes(parsed)) == (3, proof, request(SEVEN, 3))


@given(st.lists(st.integers(0, 700), min_size=1, max_size=6))
def test_an_honest_log_is_cosigned_however_it_grows(sizes: list[int]) -> None:
    one, old = witness(), 0
    for number, size in enumerate(sorted(sizes)):
        answer = sent(one, log(size), old)
        assert answer.status == 200, answer
        (line,) = parse_lines(answer.body) or ()
        assert cosigned_at(line) == BEGIN + number
        assert state(one).latest.size == size
        old = size


def test_the_same_checkpoint_is_signed_again_with_a_new_time() -> None:
    one = witness()
    first, second = sent(one, SEVEN, 0), sent(one, SEVEN, 7)
    assert (first.status, second.status) == (200, 200)
    assert first.body != second.body


def test_the_wrong_old_size_is_answered_with_the_right_one() -> None:
    one = witness()
    sent(one, SEVEN, 0)
    for old in (0, 3):
        answer = sent(one, log(9), old)
        assert (answer.status, answer.body, answer.content_type) == (409, b"7\n", SIZE)


def test_a_log_that_nobody_has_signed_yet_begins_at_zero() -> None:
    answer = sent(witness(), SEVEN, 3)
    assert (answer.status, answer.body, answer.content_type) == (409, b"0\n", SIZE)


def test_a_log_that_is_not_watched_is_unknown() -> None:
    other = SigningKey("example.org/other", bytes(32))
    assert witness().add_checkpoint(body(0, [], signed(7, bytes(32), other))).status == 404


def test_a_checkpoint_that_the_log_did_not_sign_is_forbidden() -> None:
    text = Checkpoint(ORIGIN, 7, bytes(32)).text
    stranger = SigningKey(ORIGIN, bytes([9]) * 32)
    assert witness().add_checkpoint(body(0, [], bytes(sign_note(text, [stranger])))).status == 403


def test_a_line_of_the_logs_key_that_does_not_hold_is_forbidden() -> None:
    note = SEVEN.files["checkpoint"].replace(b"\n7\n", b"\n8\n")
    assert witness().add_checkpoint(body(0, [], note)).status == 403
    key_hash = KEY.verifier.key_hash
    beside = SEVEN.files["checkpoint"] + f"— {ORIGIN} {b64encode(key_hash + bytes(64)).decode()}\n".encode()
    assert witness().add_checkpoint(body(0, [], beside)).status == 403


def test_lines_of_unknown_keys_are_ignored_and_not_kept() -> None:
    one, more = witness(), SEVEN.files["checkpoint"] + "— somebody.example AAAAAAABBBBB\n".encode()
    assert one.add_checkpoint(body(0, [], more)).status == 200
    note = parse_note(state(one).latest.note)
    assert note is not None
    assert [line.name for line in note.lines] == [ORIGIN, key_of(1).name]


def test_a_log_that_changes_its_key_has_two_for_a_while() -> None:
    new = SigningKey(ORIGIN, bytes([9]) * 32)
    one = Witness(key_of(1), {ORIGIN: (KEY.verifier, new.verifier)}, witness().states, lambda: BEGIN)
    assert one.add_checkpoint(body(0, [], signed(7, bytes(32), new))).status == 200


def test_more_old_entries_than_new_ones_are_a_bad_request() -> None:
    assert witness().add_checkpoint(body(8, [], SEVEN.files["checkpoint"])).status == 400


def test_a_proof_for_a_first_checkpoint_must_be_empty() -> None:
    assert witness().add_checkpoint(body(0, [bytes(32)], SEVEN.files["checkpoint"])).status == 422


def test_an_empty_log_has_the_root_of_nothing() -> None:
    assert witness().add_checkpoint(body(0, [], signed(0, bytes(32)))).status == 422
    assert witness().add_checkpoint(body(0, [], signed(0, sha256(b"").digest()))).status == 200


@pytest.mark.parametrize(
    "content",
    [b"", b"old 0\n", b"old 0\n\n", b"old 0\n\ntext\n", b"old 00\n\nNOTE", b"old -1\n\nNOTE",
     b"Old 0\n\nNOTE", b"old 0 \n\nNOTE", b"old 0\r\n\nNOTE", b"old 0\nAAAA\n\nNOTE",
     b"old 0\n\xff\n\nNOTE", b"\nNOTE", b"NOTE",
     b"old 10000000000000000000\n\nNOTE", b"old 0\n" + (b64encode(bytes(32)) + b"\n") * 64 + b"\nNOTE",
     b"old 0\n\nNOTE" + b"x" * 70_000],
)  # fmt: skip
def test_what_is_no_request_is_a_bad_request(content: bytes) -> None:
    content = content.replace(b"NOTE", SEVEN.files["checkpoint"])
    assert witness().add_checkpoint(content).status == 400


def test_a_size_that_no_memory_holds_is_a_bad_request() -> None:
    assert witness().add_checkpoint(body(0, [], signed(2**63, bytes(32)))).status == 400


@given(st.binary(max_size=300))
def test_no_bytes_make_a_witness_stumble_or_sign(content: bytes) -> None:
    assert witness().add_checkpoint(content).status == 400


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_a_request_with_a_flipped_bit_signs_nothing_else(place: int, bit: int) -> None:
    one, content = witness(), bytearray(request(log(20), 7))
    sent(one, SEVEN, 0)
    content[place % len(content)] ^= 1 << bit
    answer = one.add_checkpoint(bytes(content))
    assert answer.status in (400, 403, 404, 409, 422)
    assert state(one).latest.size == 7


def test_an_edited_history_signed_again_with_the_real_key_is_refused_and_kept() -> None:
    one = witness()
    sent(one, SEVEN, 0)
    forged = log(20, edited=3)
    assert sent(one, forged, 7).status == 422
    assert state(one).latest.size == 7
    assert state(one).evidence == [forged.files["checkpoint"]]
    assert sent(one, log(20), 7).status == 200


def test_a_rolled_back_log_is_refused() -> None:
    one = witness()
    sent(one, SEVEN, 0)
    assert sent(one, log(5), 5).status == 409
    assert one.add_checkpoint(body(7, [], log(5).files["checkpoint"])).status == 400
    assert state(one).latest.size == 7


@pytest.mark.parametrize(("old", "status"), [(7, 422), (0, 409), (3, 409)])
def test_a_fork_of_equal_size_is_refused_and_both_sides_are_kept(old: int, status: int) -> None:
    one = witness()
    sent(one, SEVEN, 0)
    fork = log(7, edited=6)
    assert one.add_checkpoint(body(old, [], fork.files["checkpoint"])).status == status
    assert state(one).evidence == [fork.files["checkpoint"]]
    assert SEVEN.files["checkpoint"].removesuffix(b"\n") in state(one).latest.note


def test_a_removed_entry_is_refused() -> None:
    """The entry is gone, the log as long as before by a new one; signed again."""
    one = witness()
    sent(one, SEVEN, 0)
    entries = [*numbered(3), *numbered(5, first=4)]
    note = signed(8, tree_hash(entries))
    assert one.add_checkpoint(body(7, proof_of(7, entries), note)).status == 422


def test_nothing_is_remembered_of_what_was_refused() -> None:
    one = witness()
    one.add_checkpoint(body(0, [bytes(32)], SEVEN.files["checkpoint"]))
    assert (state(one).latest, state(one).evidence) == (NOTHING, [])


def test_a_broken_proof_with_the_checkpoint_that_was_signed_is_no_evidence() -> None:
    one = witness()
    sent(one, SEVEN, 0)
    assert one.add_checkpoint(body(7, [bytes(32)], SEVEN.files["checkpoint"])).status == 422
    assert state(one).evidence == []


def test_a_witness_key_is_read_back_and_does_not_show_its_seed() -> None:
    key = key_of(5)
    assert witness_key(f" {key.secret_text}\n") == key
    assert verifier_key(str(key.verifier)) == key.verifier
    assert repr(key.seed) not in repr(key)


@pytest.mark.parametrize("text", ["", KEY.secret_text, str(key_of(1).verifier)])
def test_what_is_no_witness_key_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        witness_key(text)


@pytest.mark.parametrize("seconds", [0, -1, 2**63])
def test_an_impossible_time_is_never_signed(seconds: int) -> None:
    with pytest.raises(InputError):
        key_of(1).cosign(b"text", seconds)
