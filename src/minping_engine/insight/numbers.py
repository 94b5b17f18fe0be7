"""Numbers that lead to one person: certificates, bank cards, telephones, long numbers of any kind.

Read on the copy in which Chinese digits are digits. `\\b` is of no use here: it sees no border between 机
and 1; so digits look at their neighbours. A number whose check digit fails is hidden as well: people
mistype, and a wrong number is still nearly the right one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from minping_engine.insight.folding import Folded
from minping_engine.insight.kinds import Found, Kind

_GAP = r"[ \-_.·~+]{0,2}"
_GAP_IN_CARD = r"[ \-_·~]{0,2}"
_NOT_IN_NUMBER = r"(?<![0-9])"
_MANY = re.compile(r"[0-9](?:[ \-_.·~+,()]{0,2}[0-9o*x#●■□○]){5}")
_END = r"(?![0-9])"
_YEAR_MONTH = r"9[0-9]{2}[ .\-_~](?:0?[1-9]|1[0-2])[ .\-_~]"
# Without six digits near each other most patterns need not be tried at all: most comments have none.
_ID_18 = re.compile(rf"{_NOT_IN_NUMBER}[1-9](?:{_GAP_IN_CARD}[0-9]){{16}}{_GAP_IN_CARD}[0-9x]{_END}")
_ID_15 = re.compile(
    rf"{_NOT_IN_NUMBER}[1-8][0-9]{{7}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{{3}}{_END}"
)
_ID_STARRED = re.compile(rf"{_NOT_IN_NUMBER}[1-8][0-9]{{5,9}}[*x#]{{4,12}}[0-9x]{{0,4}}{_END}")
_PAPER = re.compile(
    r"(?:护照|通行证|回乡证|军官证|身份证|证件|社保卡?|残疾证|驾驶证|居住证|医保卡?)(?:号码?|编号)?"
    r"[是为: ]{0,3}(?P<hit>[a-z]{0,3}[0-9][a-z0-9()\-]{4,20})"
)
_BANK = re.compile(rf"{_NOT_IN_NUMBER}[3-6](?:{_GAP_IN_CARD}[0-9]){{14,18}}{_END}")
_PHONE = re.compile(
    rf"{_NOT_IN_NUMBER}(?:(?:\+|00|0)?86{_GAP}|0{_GAP})?(?:1|(?<![a-z])[li|])(?!{_YEAR_MONTH})"
    rf"{_GAP}[3-9](?:{_GAP}[0-9o]){{9}}{_END}"
    rf"|{_NOT_IN_NUMBER}1[3-9][0-9],[0-9]{{4}},[0-9]{{4}}{_END}"
    rf"|{_NOT_IN_NUMBER}1[3-9][0-9][*x#●■□○]{{3,8}}[0-9]{{0,4}}{_END}"
    rf"|\+[0-9]{{1,3}}[ \-]?[0-9](?:[ \-]?[0-9]){{6,11}}{_END}"
)
_TAIL = re.compile(rf"(?:尾号|后4位|末4位)[是为: ]{{0,3}}(?P<hit>[0-9]{{4}}){_END}")
_LOCAL = r"[2-8][0-9]{2,3}[ \-]?[0-9]{4}"
_LANDLINE = re.compile(
    rf"{_NOT_IN_NUMBER}(?:\(0[1-9][0-9]{{1,2}}\)|0[1-9][0-9]{{1,2}})[ \-]{{0,2}}{_LOCAL}"
    rf"(?: ?(?:转|-|ext\.?) ?[0-9]{{1,5}})?{_END}"
)
_CALLED = re.compile(
    rf"(?:电话|座机|致电|拨打|来电|热线|联系方式|tel)[号码是为:. ]{{0,5}}(?P<hit>{_LOCAL}){_END}(?!-)"
)
_LONG = re.compile(rf"(?<![0-9.])[0-9]{{12,40}}{_END}")
_NAMED_NUMBER = re.compile(
    r"(?:户号|编号|单号|学号|工号|警号|胸牌号?|病历号|住院号|准考证号?|合同号|流水号|密码|验证码)"
    r"[码是为: ]{0,3}(?P<hit>(?=[a-z\-]{0,8}[0-9]{2})[a-z0-9\-]{4,30})"
)
_CARD_WORDS = re.compile(r"(?:卡|账|帐|银行|户)[^0-9\n\x00]{0,8}$")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10x98765432"
_BORN = re.compile(r"(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")


def id_check_holds(number: str) -> bool:
    """Whether the last of 18 characters is the check digit of GB 11643 (ISO 7064 MOD 11-2).

    >>> id_check_holds("11010519491231002X")
    True
    """
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return _CHECK_DIGITS[total % 11] == number[17].lower()


def card_check_holds(number: str) -> bool:
    """Whether the digits pass the check of bank cards (Luhn)."""
    turned = [int(digit) for digit in reversed(number)]
    return sum(turned[::2] + [sum(divmod(2 * digit, 10)) for digit in turned[1::2]]) % 10 == 0


def id_numbers(copy: Folded) -> Iterator[Found]:
    """Resident identity numbers, old and new, starred ones; other papers after their name."""
    yield from _named(Kind.ID_NUMBER, _PAPER, copy.digits)
    if not _MANY.search(copy.digits):
        return
    for match in _ID_18.finditer(copy.digits):
        number = _bare(match.group())
        if _BORN.match(number, 6) or id_check_holds(number):
            yield Found(Kind.ID_NUMBER, *match.span())
    for pattern in (_ID_15, _ID_STARRED):
        yield from _whole(Kind.ID_NUMBER, pattern, copy.digits)


def bank_cards(copy: Folded) -> Iterator[Found]:
    """15 to 19 digits that pass the check, begin like a UnionPay card, or stand behind a word for cards."""
    for match in _BANK.finditer(copy.digits) if _MANY.search(copy.digits) else ():
        number = _bare(match.group())
        before = copy.digits[max(0, match.start() - 12) : match.start()]
        if number.startswith("62") or card_check_holds(number) or _CARD_WORDS.search(before):
            yield Found(Kind.BANK_CARD, *match.span())


def phones(copy: Folded) -> Iterator[Found]:
    """Mobile numbers with separators, prefixes, o for 0, stars; foreign ones; the last four digits."""
    yield from _whole(Kind.PHONE, _PHONE, copy.digits)
    yield from _named(Kind.PHONE, _TAIL, copy.digits)


def landlines(copy: Folded) -> Iterator[Found]:
    """Numbers with an area code; without one after a word that says so. 12345 and 400 numbers are public."""
    yield from _whole(Kind.LANDLINE, _LANDLINE, copy.digits)
    yield from _named(Kind.LANDLINE, _CALLED, copy.digits)


def other_numbers(copy: Folded) -> Iterator[Found]:
    """Twelve digits or more, and what a word calls the number of a file, meter, pupil or officer."""
    yield from _whole(Kind.NUMBER, _LONG, copy.digits)
    yield from _named(Kind.NUMBER, _NAMED_NUMBER, copy.digits)


def _bare(number: str) -> str:
    return re.sub(r"[^0-9x]", "", number)


def _whole(kind: Kind, pattern: re.Pattern[str], text: str) -> Iterator[Found]:
    return (Found(kind, *match.span()) for match in (pattern.finditer(text) if _MANY.search(text) else ()))


def _named(kind: Kind, pattern: re.Pattern[str], text: str) -> Iterator[Found]:
    return (Found(kind, *match.span("hit")) for match in pattern.finditer(text))
