"""Invented names for the demonstration's people, built from common characters.

In: a number and a seed. Out: that many different names. Nobody of these exists in the
district; a name that a living person also bears is chance. Combinations that readers would
take for a well-known person are left out.
"""

from __future__ import annotations

from minping_engine.demo.streams import Purpose, stream

STORY_NAME = "苏禾宁"
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶"
    "阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段钱汤尹黎易常武乔贺赖龚文"
)
_FIRST = "雨子思晓文佳欣志建国海玉春秀明慧静雅俊家振永新立宏景素淑丽正云书庆兰桂凤友承德宜安和元世"
_SECOND = "涵轩怡琳杰萍芳敏娟英华军平强霞燕玲辉斌波宁凯健松梅红琴洁峰勇超刚鹏磊莉颖芬珍荣林兴阳生"
_FAMOUS = (
    "刘德华",
    "王志文",
    "李明辉",
    "李玉刚",
    "李立群",
    "陈佩斯",
    "张丽莉",
    "杨丽萍",
    "王建军",
    "刘永好",
    "周建平",
)


def invented_names(n: int, seed: int) -> tuple[str, ...]:
    """`n` different names of three characters."""
    rng = stream(seed, Purpose.NAMES)
    names: dict[str, None] = {}
    while len(names) < n:
        size = n - len(names) + 50
        picks = zip(
            rng.integers(len(_SURNAMES), size=size).tolist(),
            rng.integers(len(_FIRST), size=size).tolist(),
            rng.integers(len(_SECOND), size=size).tolist(),
            strict=True,
        )
        for surname, first, second in picks:
            name = _SURNAMES[surname] + _FIRST[first] + _SECOND[second]
            if name not in _FAMOUS and name != STORY_NAME and name[1] != name[2]:
                names.setdefault(name)
    return tuple(names)[:n]
