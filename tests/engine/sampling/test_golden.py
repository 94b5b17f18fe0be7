"""One small draw, worked with other programs: hashes by openssl 3.0, order and roles by hand.

seed:   printf 'minping draw seed, version 1\\n%s\\n%s' ROOT '07 11 15 22 28 31 09' | openssl dgst -sha256
order:  printf h01 | openssl dgst -sha256 -mac HMAC -macopt hexkey:SEED
modes:  printf mode:h01 | openssl dgst -sha256 -mac HMAC -macopt hexkey:SEED
ROOT is `printf frame | openssl dgst -sha256`.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

from minping_engine.sampling import Design, FrameList, FrameUnit, Stratum, draw_sample, seed_of
from minping_engine.terms import Mode

ROOT = sha256(b"frame").digest()
SEED = bytes.fromhex("57cd635d5dd3800577cbbb8ab507dbc477cebeb86abb2c240aff837354df6c5e")
ORDER_HASHES = {
    "h01": "9952cc72f9142d19", "h02": "5764008fb7ab17ce", "h03": "22c87652f96e9251",
    "h04": "dc894c163c73cd44", "h05": "fa9fd8d101b4b882", "h06": "f33604a56b6646b8",
    "h07": "c70fc7aaaa798c1d", "h08": "10735642c5fd11ba", "h09": "1d45114b79f2f1cc",
}  # fmt: skip
MODE_HASHES = {
    "h01": "f463a1e6701c132ca0979e902830d2ab", "h02": "35dd2f5d305cfa0eecc2045ec74cb0a7",
    "h03": "9bb620e2bf9cac7a55202b7bcb516c4e", "h04": "6adb927311807ea0f3dff95b851d49c3",
    "h05": "3f1d6fcda220819714f1e38528549dce", "h06": "9bb972b806fa5f9650874bb72a274d0b",
    "h07": "93b5e5cf5ae075ce3b6d0467c2cc8f63", "h08": "b8d87756c92619fb035e0ce3b9b1f70c",
    "h09": "84a8f9e9e4f9bfd4dc43199e8265f8df",
}  # fmt: skip
DRAWN = """\
unit,area,stratum,place,role,mode,randomised
h03,A1,ordinary,1,sample,sms,0
h01,A1,ordinary,2,sample,sms,0
h04,A1,ordinary,3,sample,visit,1
h06,A1,ordinary,4,sample,sms,0
h05,A1,ordinary,5,reserve,sms,1
h02,A1,ordinary,6,reserve,visit,1
h08,A1,special,1,sample,sms,0
h09,A1,special,2,reserve,sms,0
h07,A1,special,3,reserve,sms,0
"""
"""h02 rests. Modes: chance decides below half of 2^64 (first digit 0-7), and picks by the digit 17."""


def test_the_seed_is_what_openssl_makes() -> None:
    assert seed_of(ROOT, "07 11 15 22 28 31 09") == SEED


def test_the_hashes_are_what_openssl_makes() -> None:
    for prefix, hashes in (("", ORDER_HASHES), ("mode:", MODE_HASHES)):
        for unit, made in hashes.items():
            assert hmac.digest(SEED, f"{prefix}{unit}".encode(), "sha256").hex().startswith(made), unit


def test_the_draw_is_the_one_worked_by_hand() -> None:
    frame = FrameList.of(
        FrameUnit(unit, "A1", "special" if unit > "h06" else "ordinary", unit == "h02")
        for unit in ORDER_HASHES
    )
    strata = (Stratum(id="ordinary", share=4), Stratum(id="special", share=1))
    design = Design(n=5, strata=strata, modes=(Mode.SMS, Mode.VISIT), randomised_percent=50)
    assert "".join(draw_sample(frame, design, SEED).lines()) == DRAWN
