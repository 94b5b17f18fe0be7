"""What a letter needs: one row per household, and the words that all of them share."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import override


def day_on_letters(moment: datetime) -> str:
    """A day as letters name it: Chinese, whatever language the page of the moment has."""
    with override("zh-hans"):
        return date_format(localtime(moment), "Y年n月j日")


class LetterRow(NamedTuple):
    """One letter. `code` is what can be typed instead of the link; without one, the end of the link is."""

    reference: UUID
    url: str
    place_label: str
    serial: str
    code: str = ""

    @property
    def short_code(self) -> str:
        """In groups of four, as people read numbers to each other."""
        plain = (self.code or self.url.rstrip("/").rpartition("/")[2]).replace("-", "")
        return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))


@dataclass(frozen=True)
class LetterWording:
    """The words of a run, Chinese first. `english` is one paragraph for who does not read Chinese."""

    office: str
    title: str
    greeting: str
    who: str
    why: str
    how: tuple[str, ...]
    protection: str
    until: str
    telephone: str
    site: str
    """Where the code is typed, as `minping.example.cn`."""
    real: str
    """The page "is this letter real?"."""
    english: str
    pressure: str = ""
    """Where a household says that somebody tells it what to answer; empty in runs that were made before."""

    def as_data(self) -> dict[str, Any]:
        """For a template, and for the row of a print run."""
        return asdict(self) | {"how": list(self.how)}

    @classmethod
    def of(cls, data: dict[str, Any]) -> LetterWording:
        """From the row of a print run."""
        return cls(**(data | {"how": tuple(data["how"])}))


def standard_wording(*, office: str, until: str, telephone: str, site: str) -> LetterWording:
    """A letter that answers what people ask first: who, why, how, is it secret, is it real."""
    return LetterWording(
        office=office,
        title="请您评价身边的社区工作者",
        greeting="尊敬的居民：",
        who=f"您好！本次评价由{office}组织。您家是按公开的随机方法抽中的，每户一份，只能由您家填写。",
        why="评价结果用于改进社区服务。对个人的考核只看一片居民的汇总结果，不看任何一户的答案。",
        how=(
            "用手机扫描右侧二维码，约两分钟即可完成；",
            f"或在浏览器打开 {site}/v，输入下方的短码；",
            "不方便上网时，请拨打下方电话，由工作人员协助。",
        ),
        protection=(
            "自愿参加，不填写没有任何影响。您的答案立即加密，截止前任何人都打不开，之后与您家的信息分开保存。"
            "不需要姓名、身份证号或银行卡，也不需要安装软件、付费或提供验证码。"
        ),
        until=until,
        telephone=telephone,
        site=site,
        real=f"{site}/real",
        pressure=f"{site}/report/pressure",
        english=(
            "Your household was drawn at random to rate its community workers. It is voluntary, takes two "
            "minutes and is encrypted at once. "
            f"Scan the code or type it at {site}/v; English is one tap away."
        ),
    )
