"""Where somebody lives: building, unit, floor, room, in words or as 3-2-501.

A building alone is a kind of its own: some thirty households share it, and a person who checks comments
may let it stand where it is the matter itself. A floor counts only behind a building or after 住, a number
of rooms or households (3室2厅, 500户) not at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from minping_engine.insight.folding import Folded
from minping_engine.insight.kinds import Found, Kind

_COUNTED = r"(?<![共有了建盖拆另各每仅约达余近几多这那数些])(?<![0-9十百])"
_BUILDING = (
    r"(?:第?[a-z]{0,2}[0-9十百]{1,4}(?:号楼|#楼|号院|幢|栋(?!房|别墅))"
    r"|第?[a-z]{0,2}[0-9]{1,3}#(?=[0-9])|[a-z]座)"
)
_UNIT = r"(?:[a-z]?[0-9十]{1,3}单元|[0-9十]{1,2}门(?=[0-9]))"
_FLOOR = r"[0-9十]{1,3}(?:楼|层)"
_ROOM = r"[0-9]{3,4}(?:室|号房|号|户(?!居|人)|房(?!款|价|产)|(?![0-9年元米万个多余人户平次㎡%m名吨块天部]))"
_GAP = r"(?:[ \-,、的]|小区)?"
_CHAIN = re.compile(rf"{_COUNTED}(?:{_BUILDING}|{_UNIT})(?:{_GAP}(?:{_BUILDING}|{_UNIT}|{_FLOOR}|{_ROOM}))*")
_ANY_CHAIN = re.compile("号楼|#楼|#|号院|幢|栋|座|单元|门")
# A look behind comes after the first character: so the search jumps from digit to digit.
_FLAT = re.compile(r"[0-9](?<![0-9第.].)[0-9]{2,3}(?:室(?!内|外|温)|号房|房间)")
_DASHED = re.compile(
    r"[0-9](?<![0-9.\-].)[0-9]{0,2}#?[\-#~][0-9]{1,2}[\-#~][0-9]{3,4}(?:室|户|房)?(?![0-9\-]|[元万月日年人个])"
)
_LIVED_IN = re.compile(
    r"[a-z0-9](?:(?<=住.)|(?<=住在.)|(?<=我家.)|(?<=家在.)|(?<=门牌.))[0-9]{0,3}[\-#][0-9]{3,4}(?![0-9\-])"
)
_OWNED = re.compile(r"[0-9](?<![0-9.\-].)[0-9]{0,2}[\-#][0-9]{3,4}(?=室|户主|的?(?:业主|住户|邻居|人家))")
_DOOR = re.compile(r"(?:门牌号?|房号|房间号|室号)[是为: ]{0,2}(?P<hit>[a-z0-9][a-z0-9\-]{1,10})")
_ONE, _TWO = ("一栋", "一幢"), ("两栋", "两幢")
_LIVING = re.compile(rf"(?:住在?|家在)(?:我家)?(?P<hit>{_FLOOR})")
_STREET = re.compile(
    r"[0-9](?<=[路街巷弄里坊].)[0-9]{0,3}(?:弄[0-9]{1,4})?号(?:之[0-9]{1,2})?(?!线|公交|文|令|[召停开下上晚早])"
)


def homes(copy: Folded) -> Iterator[Found]:
    """Buildings and homes."""
    for match in _CHAIN.finditer(copy.digits) if _ANY_CHAIN.search(copy.digits) else ():
        words = copy.plain[match.start() : match.end()]
        if words in _ONE or words.endswith(_TWO):
            continue
        alone = re.fullmatch(rf"{_BUILDING}(?:{_GAP}{_BUILDING})*", match.group())
        yield Found(Kind.BUILDING if alone else Kind.HOME, *match.span())
    for pattern in (_DASHED, _FLAT, _LIVED_IN, _OWNED):
        yield from (Found(Kind.HOME, *match.span()) for match in pattern.finditer(copy.digits))
    for pattern in (_DOOR, _LIVING):
        yield from (Found(Kind.HOME, *match.span("hit")) for match in pattern.finditer(copy.digits))
    yield from (Found(Kind.BUILDING, *match.span()) for match in _STREET.finditer(copy.digits))
