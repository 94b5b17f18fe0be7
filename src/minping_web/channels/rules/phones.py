"""Numbers that take text messages: mobile ones."""

from __future__ import annotations

import re
import unicodedata

_MOBILE = re.compile(r"1\d{10}", re.ASCII)
_BETWEEN = re.compile(r"[\s()./\u2010-\u2015\u2212-]")
_COUNTRY = re.compile(r"^(\+|00)?86(?=1\d{10}$)", re.ASCII)


def mobile(text: str) -> str:
    """Eleven digits, empty when it is no mobile number.

    >>> mobile("+86 100-1234-5678"), mobile("025 8323 0000")
    ('10012345678', '')
    """
    plain = _COUNTRY.sub("", _BETWEEN.sub("", unicodedata.normalize("NFKC", text)))
    return plain if _MOBILE.fullmatch(plain) else ""


def masked(phone: str) -> str:
    """For a page: enough to recognise one's own number, too little to call it.

    >>> masked("10012345678")
    '100****5678'
    """
    return f"{phone[:3]}****{phone[-4:]}"
