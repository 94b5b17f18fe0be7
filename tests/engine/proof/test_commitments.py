"""Entries: canonical, without content, opened only by their record and nonce."""

from __future__ import annotations

from hashlib import sha256

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from minping_engine.errors import InputError
from minping_engine.proof import ENTRY_LIMIT, Entry, commitment_of, entry_of, opens, read_entry

NONCE = bytes(range(32))
RECORD = {"scheme": "gulou-worker@3", "户数": 100, "bands": ["90", "75"]}
ENTRY = entry_of("scheme_frozen", "round/2026Q4@1", RECORD, NONCE)
kinds = st.from_regex(r"[a-z][a-z0-9_.]{0,59}", fullmatch=True)
steps = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,119}", fullmatch=True)
values = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8)
records = st.dictionaries(st.text(max_size=5), values | st.lists(values, max_size=3), max_size=4)


def test_an_entry_is_the_canonical_json_of_its_four_keys() -> None:
    canonical = '{"bands":["90","75"],"scheme":"gulou-worker@3","户数":100}'.encode()
    commitment = sha256(NONCE + canonical).hexdigest()
    assert ENTRY.decode() == (
        f'{{"commitment":"{commitment}","format":1,"kind":"scheme_frozen","step":"round/2026Q4@1"}}'
    )


@given(kinds, steps, records, st.binary(min_size=32, max_size=32))
def test_every_entry_is_canonical_short_and_read_back(
    kind: str, step: str, record: dict[str, object], nonce: bytes
) -> None:
    entry = entry_of(kind, step, record, nonce)
    commitment = commitment_of(record, nonce)
    whole = {"kind": kind, "step": step, "format": 1, "commitment": commitment.hex()}
    assert entry == rfc8785.dumps(whole)
    assert read_entry(entry) == Entry(kind, step, commitment)
    assert len(entry) < 512 < ENTRY_LIMIT


@given(records, records)
def test_only_the_record_itself_opens_its_entry(one: dict[str, object], other: dict[str, object]) -> None:
    entry = entry_of("tally", "t", one, NONCE)
    assert opens(entry, one, NONCE)
    assert opens(entry, other, NONCE) == (rfc8785.dumps(one) == rfc8785.dumps(other))


def test_another_nonce_does_not_open_an_entry() -> None:
    assert not opens(ENTRY, RECORD, bytes(32))


def test_the_order_of_keys_does_not_matter() -> None:
    assert opens(ENTRY, dict(reversed(RECORD.items())), NONCE)


def test_the_entry_shows_nothing_of_the_record() -> None:
    for word in ("gulou", "户数", "100"):
        assert word.encode() not in ENTRY.replace(ENTRY[15:79], b"")


def test_equal_records_with_other_nonces_look_unrelated() -> None:
    first, second = (read_entry(entry_of("ballot", "b", RECORD, bytes([n] * 32))) for n in (1, 2))
    assert first is not None
    assert second is not None
    assert first.commitment != second.commitment


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_nonce_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(InputError) as raised:
        entry_of("tally", "t", RECORD, bytes(length))
    assert raised.value.problems[0].code == "ledger.nonce_length"


@pytest.mark.parametrize("value", [float("nan"), 2**53 + 1, b"bytes", object(), "\ud800"])
def test_a_record_without_one_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(InputError) as raised:
        commitment_of({"value": value}, NONCE)
    assert raised.value.problems[0].code == "ledger.record_not_json"


@pytest.mark.parametrize(
    ("kind", "step"),
    [("Tally", "t"), ("", "t"), ("a" * 61, "t"), ("tally", ""), ("tally", 'quo"te'), ("tally", "张三"),
     ("tally", "t" * 121), ("tally\n", "t"), ("tally", "t\n")],
)  # fmt: skip
def test_words_that_would_need_escapes_are_refused(kind: str, step: str) -> None:
    with pytest.raises(InputError) as raised:
        entry_of(kind, step, RECORD, NONCE)
    assert raised.value.problems[0].code == "ledger.entry_words"


def test_an_entry_is_made_of_a_commitment_that_was_staged_earlier() -> None:
    staged = Entry("scheme_frozen", "round/2026Q4@1", commitment_of(RECORD, NONCE))
    assert bytes(staged) == ENTRY
    with pytest.raises(InputError):
        bytes(Entry("scheme_frozen", "round/2026Q4@1", b"short"))


@pytest.mark.parametrize(
    "entry",
    [b"", b"{}", ENTRY + b"\n", ENTRY.replace(b":1,", b": 1,"), ENTRY.replace(b":1,", b":2,"),
     ENTRY.replace(b"scheme_frozen", b"Scheme"), ENTRY[:-1] + b',"z":1}', ENTRY[:20].upper() + ENTRY[20:]],
)  # fmt: skip
def test_other_spellings_are_no_entry(entry: bytes) -> None:
    assert read_entry(entry) is None
    assert not opens(entry, RECORD, NONCE)
