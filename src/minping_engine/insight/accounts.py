"""Addresses and accounts on the net, and number plates."""

from __future__ import annotations

import re
from collections.abc import Iterator

from minping_engine.insight.folding import Folded
from minping_engine.insight.kinds import Found, Kind

_IN_URL = r"[a-z0-9\-._~:/?#@&+=%]"
_URL = re.compile(
    rf"(?:https?|ftp)://{_IN_URL}*[a-z0-9/#=_\-]|(?<![a-z0-9])www\.{_IN_URL}*[a-z0-9/#=_\-]"
    r"|(?<![a-z0-9@.\-])(?:[a-z0-9][a-z0-9\-]{0,40}\.){1,4}"
    r"(?:com|cn|net|org|gov|edu|cc|top|vip|xyz|info|me|io|tv|app|shop|site|club|online|link)"
    rf"(?![a-z0-9@])(?:[/?#:]{_IN_URL}*)?"
)
_EMAIL = re.compile(
    r"(?<![a-z0-9._%+\-*])[a-z0-9._%+\-*]{1,64} ?(?:@|[(\[]at[)\]]|#at#| at |艾特) ?"
    r"(?=[0-9.]{0,10}[a-z])[a-z0-9\-*]{1,40}(?: ?(?:\.|。| dot |点) ?[a-z]{2,20}){0,3}"
)
_HANDLE = re.compile(r"(?<![a-z0-9])@(?P<hit>[a-z_][a-z0-9_\-]{2,29}|[一-鿿]{2,4})")
_SERVICE = (
    r"(?:微信|微x|薇信|威信|徽信|卫星号|扣扣|企鹅号|抖音|快手|微博|支付宝|钉钉|小红书|账号|帐号|加我|加v|\+v"
    r"|(?<![a-z])(?:vx|wx|v信|weixin|wechat|qq|telegram|tg|line))"
)
_LINK = r"(?:同?号码?|账号|是|为|:|=| |\(|id){0,4}"
_ACCOUNT = re.compile(
    rf"{_SERVICE}{_LINK}(?P<hit>(?=[a-z_\-]{{0,19}}[0-9_])[a-z][a-z0-9_\-]{{4,29}}"
    r"|[1-9][0-9]{4,10}(?![0-9元块年人次月]))"
    rf"|{_SERVICE}(?:同?号码?|账号|id)?[是为:=(](?: ?)(?P<word>[a-z][a-z0-9_\-]{{5,29}})"
    r"|(?<![a-z])v[:=] ?(?P<short>[a-z0-9][a-z0-9_\-]{4,29})"
)
_ANY_SERVICE = re.compile(
    "微信|微x|薇信|威信|徽信|卫星号|扣扣|企鹅号|抖音|快手|微博|支付宝|钉钉|小红书|账号|帐号|加我|v|wx|weixin|wechat|qq|telegram|tg|line"
)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼] ?[a-hj-z] ?[ ·.\-•・]?"
    r"(?=[a-z* ]{0,5}[0-9][a-z* ]{0,4}[0-9])(?:[a-z0-9*] ?){4,5}[a-z0-9*挂学警港澳](?![a-z0-9])"
)


def urls(copy: Folded) -> Iterator[Found]:
    """Addresses of pages, with or without http."""
    if "." in copy.plain or "://" in copy.plain:
        yield from (Found(Kind.URL, *match.span()) for match in _URL.finditer(copy.plain))


def emails(copy: Folded) -> Iterator[Found]:
    """Addresses of mail, also with (at), a missing dot or stars."""
    yield from (Found(Kind.EMAIL, *match.span()) for match in _EMAIL.finditer(copy.plain))


def accounts(copy: Folded) -> Iterator[Found]:
    """Names and numbers behind the name of a service, and @names."""
    for match in _ACCOUNT.finditer(copy.digits) if _ANY_SERVICE.search(copy.digits) else ():
        yield Found(Kind.ACCOUNT, *match.span(match.lastgroup or 0))
    yield from (Found(Kind.ACCOUNT, *match.span("hit")) for match in _HANDLE.finditer(copy.plain))


def plates(copy: Folded) -> Iterator[Found]:
    """Plates of cars, those of electric ones and starred ones too."""
    yield from (Found(Kind.PLATE, *match.span()) for match in _PLATE.finditer(copy.digits))
