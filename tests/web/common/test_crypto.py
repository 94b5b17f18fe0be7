"""Sealed fields: bound to their row, movable to newer keys, findable only with the index key."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import override_settings

from minping_engine.errors import IntegrityError
from minping_web.common.crypto import (
    Keyring,
    add_field_key,
    add_index_key,
    index_key_id_of,
    key_id_of,
    keyring,
    make_keys,
)


@pytest.fixture
def ring(tmp_path: Path) -> Keyring:
    make_keys(tmp_path)
    return Keyring(tmp_path)


def test_a_sealed_text_opens_for_its_own_row_only(ring: Keyring) -> None:
    sealed = ring.seal("10012345678", "t.phone|1")
    assert ring.open(sealed, "t.phone|1") == "10012345678"
    for other in ("t.phone|2", "t.address|1", "u.phone|1"):
        with pytest.raises(IntegrityError) as refused:
            ring.open(sealed, other)
        assert refused.value.problems[0].code == "cipher.changed"


def test_every_flipped_byte_is_noticed(ring: Keyring) -> None:
    sealed = ring.seal("秘密", "t.c|1")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(IntegrityError):
            ring.open(bytes(changed), "t.c|1")


def test_a_cut_value_is_noticed(ring: Keyring) -> None:
    sealed = ring.seal("秘密", "t.c|1")
    for length in range(len(sealed)):
        with pytest.raises(IntegrityError):
            ring.open(sealed[:length], "t.c|1")


def test_two_seals_of_one_text_differ(ring: Keyring) -> None:
    assert ring.seal("10012345678", "t.c|1") != ring.seal("10012345678", "t.c|1")


def test_a_new_key_seals_and_the_old_one_still_opens(tmp_path: Path) -> None:
    with override_settings(KEY_FOLDER=tmp_path):
        old = keyring().seal("甲", "t.c|1")
        newest = add_field_key(tmp_path)
        assert key_id_of(keyring().seal("甲", "t.c|1")) == newest == key_id_of(old) + 1
        assert keyring().open(old, "t.c|1") == "甲"


def test_a_blind_index_finds_equals_of_one_purpose_only(ring: Keyring) -> None:
    assert ring.blind("100", "phone") == ring.blind("100", "phone")
    assert len({ring.blind("100", "phone"), ring.blind("101", "phone"), ring.blind("100", "other")}) == 3


def test_while_index_keys_change_a_search_asks_under_each(tmp_path: Path) -> None:
    with override_settings(KEY_FOLDER=tmp_path):
        before = keyring().blind("100", "phone")
        newest = add_index_key(tmp_path)
        assert before in keyring().blinds("100", "phone")
        assert index_key_id_of(keyring().blind("100", "phone")) == newest


def test_key_files_are_for_the_owner_alone(tmp_path: Path) -> None:
    make_keys(tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 2
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_a_lost_key_is_named_as_such(tmp_path: Path, ring: Keyring) -> None:
    sealed = (99).to_bytes(4, "big") + ring.seal("甲", "t.c|1")[4:]
    with pytest.raises(IntegrityError) as refused:
        ring.open(sealed, "t.c|1")
    assert refused.value.problems[0].code == "cipher.key_lost"
