"""Ids under a mask: a permutation that only this deployment's key can go back."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from minping_web.common import masks
from minping_web.common.crypto import add_field_key, add_index_key, make_keys
from minping_web.common.masks import UnitConverter, masked, unmasked


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.KEY_FOLDER = tmp_path / "keys"
    make_keys(settings.KEY_FOLDER)
    return tmp_path / "keys"


def test_a_mask_leads_back_and_two_ids_never_share_one(folder: Path) -> None:
    ids = [uuid4() for _number in range(200)]
    shown = [masked(one) for one in ids]
    assert [unmasked(one) for one in shown] == ids
    assert len({*ids, *shown}) == 400


def test_a_mask_stays_when_keys_are_changed_and_processes_start_anew(folder: Path) -> None:
    one = uuid4()
    shown = masked(one)
    add_field_key(folder)
    add_index_key(folder)
    masks._cipher.cache_clear()
    assert masked(one) == shown


def test_another_deployment_masks_otherwise(folder: Path, settings: Any, tmp_path: Path) -> None:
    one = uuid4()
    shown = masked(one)
    settings.KEY_FOLDER = tmp_path / "other"
    assert masked(one) != shown
    assert unmasked(shown) != one


def test_an_address_shows_the_mask_and_hands_the_view_the_stored_id(folder: Path) -> None:
    one, converter = uuid4(), UnitConverter()
    assert converter.to_url(one) == converter.to_url(str(one)) == str(masked(one))
    assert converter.to_python(str(masked(one))) == one
