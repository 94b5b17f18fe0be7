"""Invented, already redacted comments about themes that residents raise (S14).

In: a district and a quarter. Out: the `comments` table. Texts are put together from parts, by
target in proportion to its ballots and in random order; they are not tied to any ballot, so
nothing can be learnt from them about scores.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from minping_engine.demo.district import District
from minping_engine.demo.quarters import Quarter
from minping_engine.demo.streams import Purpose, stream

THEMES: dict[str, tuple[str, ...]] = {
    "环境": ("楼道堆物", "垃圾分类点位", "绿化带养护", "下水道反味", "小区路面积水"),
    "养老": ("老年助餐", "上门量血压", "楼栋加装扶手", "独居老人探望", "活动室开放时间"),
    "出行": ("电动车充电", "非机动车停放", "路口照明", "停车位紧张", "无障碍坡道"),
    "服务": ("办事材料说明", "活动通知", "晚间接待", "居民联系卡", "诉求回复"),
}
WISHES = (
    "{matter}希望能再改进一些。",
    "建议社区关注{matter}。",
    "{matter}反映过，想知道进展。",
    "希望定期告知{matter}的情况。",
)
THANKS = (
    "{matter}比上个季度好多了，谢谢。",
    "社工上门了解{matter}，很耐心。",
    "{matter}的问题[姓名]很快就回复了。",
)
THANKS_SHARE = 0.45


def comment_table(district: District, drawn: Quarter) -> pa.Table:
    """Comments of the quarter."""
    rng = stream(district.seed, Purpose.COMMENTS, drawn.number)
    n = round(district.parameters.comment_share * drawn.target.size)
    texts = [invented_comment(rng)[1] for _ in range(n)]
    return pa.table(
        {
            "comment_id": rng.permutation(n),
            "target": rng.choice(drawn.target, n).astype(np.int32),
            "text": pa.array(texts, pa.string()),
        }
    )


def invented_comment(rng: np.random.Generator) -> tuple[str, str]:
    """Theme and text of one comment."""
    theme = list(THEMES)[int(rng.integers(len(THEMES)))]
    matter = THEMES[theme][int(rng.integers(len(THEMES[theme])))]
    forms = THANKS if rng.random() < THANKS_SHARE else WISHES
    return theme, forms[int(rng.integers(len(forms)))].format(matter=matter)
