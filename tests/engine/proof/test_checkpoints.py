"""Keys, signed notes, checkpoints: right ones open, all else is refused; unknown lines are ignored."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from minping_engine.errors import InputError, IntegrityError
from minping_engine.proof import (
    Checkpoint,
    SigningKey,
    VerifierKey,
    open_checkpoint,
    parse_note,
    sign_checkpoint,
    sign_note,
    signing_key,
    verifier_key,
)
from tests.engine.proof.logs import KEY, ORIGIN

HEAD = Checkpoint(ORIGIN, 20_852_163, sha256(b"root").digest())
SIGNED = sign_checkpoint(HEAD, KEY)
VERIFIER = KEY.verifier
OTHER = SigningKey("example.org/witness", bytes(32))


def code_of(refused: Callable[[], object]) -> str:
    with pytest.raises((IntegrityError, InputError)) as raised:
        refused()
    return raised.value.problems[0].code


def test_a_checkpoint_is_three_lines_an_empty_one_and_the_signature() -> None:
    """Every byte built here again from the format's words and the raw key."""
    private = Ed25519PrivateKey.from_private_bytes(KEY.seed)
    public = private.public_key().public_bytes_raw()
    text = f"{ORIGIN}\n20852163\n{b64encode(HEAD.root).decode()}\n".encode()
    key_hash = sha256(ORIGIN.encode() + b"\n\x01" + public).digest()[:4]
    line = b64encode(key_hash + private.sign(text)).decode()
    assert text + f"\n— {ORIGIN} {line}\n".encode() == SIGNED


def test_a_signed_checkpoint_opens_with_its_key() -> None:
    assert open_checkpoint(SIGNED, VERIFIER) == HEAD


def test_the_published_key_of_the_go_checksum_database_is_read() -> None:
    """A key text that others made: its hash fits its name and bytes."""
    text = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    assert str(verifier_key(text)) == text


def test_key_texts_are_read_back() -> None:
    assert verifier_key(f"  {VERIFIER}\n") == VERIFIER
    assert signing_key(KEY.secret_text) == KEY
    assert KEY.secret_text.startswith(f"PRIVATE+KEY+{ORIGIN}+")


def test_a_signing_key_does_not_show_its_seed() -> None:
    assert repr(KEY.seed) not in repr(KEY)


def test_every_changed_character_of_a_key_is_noticed() -> None:
    text = str(VERIFIER)
    for place in range(len(text)):
        changed = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
        assert code_of(lambda changed=changed: verifier_key(changed)) == "ledger.key_malformed"


@pytest.mark.parametrize("text", ["", "name", "name+00000000+", "a b+12345678+AAAA", KEY.secret_text])
def test_what_is_no_key_is_refused(text: str) -> None:
    assert code_of(lambda: verifier_key(text)) == "ledger.key_malformed"


@pytest.mark.parametrize("text", ["", str(VERIFIER), "PRIVATE+KEY+" + str(VERIFIER)])
def test_a_public_key_does_not_sign(text: str) -> None:
    assert code_of(lambda: signing_key(text)) == "ledger.signing_key_malformed"


@pytest.mark.parametrize("name", ["", "with space", "with+plus", "with\u3000wide", "two\nlines"])
def test_a_key_needs_a_name_that_a_note_can_hold(name: str) -> None:
    assert code_of(lambda: SigningKey(name, bytes(32))) == "ledger.signing_key_malformed"


def test_a_key_of_a_kind_nobody_here_knows_is_refused() -> None:
    unknown = VerifierKey("example.org/x", bytes(32), kind=6)
    assert code_of(lambda: verifier_key(str(unknown))) == "ledger.key_malformed"


def test_lines_of_unknown_keys_are_ignored_whatever_they_hold() -> None:
    more = SIGNED + "— somebody.example AAAAAAABBBBB\n".encode()
    assert open_checkpoint(more, VERIFIER) == HEAD


def test_an_unknown_key_that_shares_name_or_hash_is_ignored_too() -> None:
    same_name = f"— {ORIGIN} {b64encode(b'none' + bytes(64)).decode()}\n".encode()
    same_hash = f"— example.org/x {b64encode(VERIFIER.key_hash + bytes(64)).decode()}\n".encode()
    assert open_checkpoint(SIGNED + same_name + same_hash, VERIFIER) == HEAD


def test_a_wrong_line_of_the_known_key_refuses_the_note() -> None:
    wrong = f"— {ORIGIN} {b64encode(VERIFIER.key_hash + bytes(64)).decode()}\n".encode()
    assert code_of(lambda: open_checkpoint(SIGNED + wrong, VERIFIER)) == "ledger.signature_wrong"


def test_a_checkpoint_that_only_others_signed_does_not_open() -> None:
    by_other = bytes(sign_note(HEAD.text, [OTHER]))
    assert code_of(lambda: open_checkpoint(by_other, VERIFIER)) == "ledger.checkpoint_unsigned"


def test_every_flipped_bit_of_a_checkpoint_is_noticed() -> None:
    for place in range(len(SIGNED)):
        for bit in range(8):
            changed = SIGNED[:place] + bytes([SIGNED[place] ^ (1 << bit)]) + SIGNED[place + 1 :]
            code_of(lambda changed=changed: open_checkpoint(changed, VERIFIER))


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n01\nROOT\n", f"{ORIGIN}\n-1\nROOT\n", f"{ORIGIN}\n1\nAAAA\n", f"{ORIGIN}\n1\n",
        "\n1\nROOT\n", f"{ORIGIN}\n１\nROOT\n", f"{ORIGIN}\n{10**19}\nROOT\n",
    ],
)  # fmt: skip
def test_a_signed_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    text = text.replace("ROOT", b64encode(HEAD.root).decode())
    note = bytes(sign_note(text.encode(), [KEY]))
    assert code_of(lambda: open_checkpoint(note, VERIFIER)) == "ledger.checkpoint_malformed"


def test_extension_lines_are_kept() -> None:
    head = Checkpoint(ORIGIN, 1, HEAD.root, ("more",))
    assert open_checkpoint(sign_checkpoint(head, KEY), VERIFIER) == head


def test_a_log_is_signed_by_the_key_of_its_own_name() -> None:
    other = Checkpoint("example.org/other", 1, HEAD.root)
    assert code_of(lambda: sign_checkpoint(other, KEY)) == "ledger.origin_is_not_key"
    forced = bytes(sign_note(other.text, [KEY]))
    assert code_of(lambda: open_checkpoint(forced, VERIFIER)) == "ledger.other_origin"


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"text\n", b"text\n\n", SIGNED[:-1], SIGNED + b"no line\n", SIGNED.replace(b"\n", b"\r\n"),
     SIGNED + b"\xff\n", SIGNED + "— name AAAA\n".encode(), SIGNED + "— AAAAAAAA\n".encode()],
)  # fmt: skip
def test_what_is_no_signed_note_is_none(content: bytes) -> None:
    assert parse_note(content) is None


def test_a_note_is_parted_from_its_signatures_at_the_last_empty_line() -> None:
    note = parse_note(bytes(sign_note(b"one\n\ntwo\n", [KEY, OTHER])))
    assert note is not None
    assert note.text == b"one\n\ntwo\n"
    assert [note.holds(key.verifier) for key in (KEY, OTHER)] == [True, True]


def cosigned(seconds: int, *, signed_seconds: int | None = None) -> tuple[bytes, VerifierKey]:
    """A checkpoint with the line of a witness, built from the format's words."""
    private = Ed25519PrivateKey.from_private_bytes(bytes([7] * 32))
    key = VerifierKey("example.org/witness", private.public_key().public_bytes_raw(), kind=4)
    said = seconds if signed_seconds is None else signed_seconds
    signature = private.sign(f"cosignature/v1\ntime {said}\n".encode() + HEAD.text)
    line = b64encode(key.key_hash + seconds.to_bytes(8, "big") + signature).decode()
    return SIGNED + f"— example.org/witness {line}\n".encode(), key


def test_a_witness_line_is_verified_with_its_time() -> None:
    content, key = cosigned(1_790_000_000)
    note = parse_note(content)
    assert note is not None
    assert note.holds(key) is True
    assert note.holds(verifier_key(str(key))) is True
    assert open_checkpoint(content, VERIFIER) == HEAD


@pytest.mark.parametrize(("seconds", "signed"), [(2, 1), (2**63, 2**63)])
def test_a_witness_line_with_another_or_an_impossible_time_fails(seconds: int, signed: int) -> None:
    content, key = cosigned(seconds, signed_seconds=signed)
    note = parse_note(content)
    assert note is not None
    assert note.holds(key) is False


def test_a_witness_line_that_is_too_short_fails() -> None:
    key = cosigned(1)[1]
    note = parse_note(SIGNED + f"— {key.name} {b64encode(key.key_hash + b'short').decode()}\n".encode())
    assert note is not None
    assert note.holds(key) is False
