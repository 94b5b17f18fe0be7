"""Draw the pictures of docs/how-to/what-a-score-says: one SVG for each kind of statement, in two languages.

In: nothing; all numbers are invented. Out: `docs/pictures/statements/<name>.<language>.svg`. With `--check`
nothing is written: pictures out of step are named and the exit code is 1.

    python tools/make_statement_pictures.py [--check]
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Sequence
from html import escape
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures" / "statements"
WIDTH = 600
INK, SOFT, PALE, ACCENT, MILD, WHITE = "#1f1f1f", "#616161", "#e6e9ee", "#14395b", "#9fb3c8", "#ffffff"
FONTS = "'Noto Sans SC','Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif"
Say = Callable[[str, str], str]


class Picture:
    """Marks of one picture, in pixels from the top left."""

    def __init__(self, height: int) -> None:
        self.height = height
        self.marks: list[str] = []

    def text(
        self, x: float, y: float, words: str, *, at: str = "start", size: int = 14, fill: str = INK
    ) -> None:
        """Words whose middle stands at height y; `at` start, middle or end."""
        self.marks.append(
            f'<text x="{x:g}" y="{y + size * 0.36:g}" font-size="{size}" text-anchor="{at}" fill="{fill}">'
            f"{escape(words)}</text>"
        )

    def line(
        self, start: tuple[float, float], end: tuple[float, float], fill: str = SOFT, dash: str = ""
    ) -> None:
        """A thin line, dashed by `dash`."""
        style = f' stroke-dasharray="{dash}"' if dash else ""
        ends = f'x1="{start[0]:g}" y1="{start[1]:g}" x2="{end[0]:g}" y2="{end[1]:g}"'
        self.marks.append(f'<line {ends} stroke="{fill}" stroke-width="1.4"{style}/>')

    def box(
        self, corner: tuple[float, float], size: tuple[float, float], fill: str, stroke: str = "none"
    ) -> None:
        """A rectangle from its upper left corner."""
        place = f'x="{corner[0]:g}" y="{corner[1]:g}" width="{size[0]:g}" height="{size[1]:g}"'
        self.marks.append(f'<rect {place} fill="{fill}" stroke="{stroke}"/>')

    def dot(self, x: float, y: float, fill: str = ACCENT, radius: float = 6) -> None:
        """A dot; a white one gets a rim."""
        rim = f' stroke="{ACCENT}" stroke-width="1.6"' if fill == WHITE else ""
        self.marks.append(f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{fill}"{rim}/>')

    def path(self, points: Iterable[tuple[float, float]], fill: str, stroke: str = "none") -> None:
        """A line through points, filled or drawn."""
        shape = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.marks.append(f'<polyline points="{shape}" fill="{fill}" stroke="{stroke}" stroke-width="1.6"/>')

    def interval(self, y: float, ends: tuple[float, float], point: float, fill: str = MILD) -> None:
        """A range as a bar, its estimate as a dot."""
        self.box((ends[0], y - 5), (ends[1] - ends[0], 10), fill)
        self.dot(point, y)

    def axis(self, y: float, ticks: Sequence[tuple[float, str]]) -> None:
        """A line with labelled ticks."""
        self.line((ticks[0][0], y), (ticks[-1][0], y))
        for x, label in ticks:
            self.line((x, y - 4), (x, y + 4))
            self.text(x, y + 17, label, at="middle", size=12, fill=SOFT)

    def svg(self, title: str) -> str:
        """The whole file."""
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height}" role="img"'
        ground = f'<rect width="{WIDTH}" height="{self.height}" fill="{WHITE}"/>'
        body = "\n".join([ground, *self.marks])
        return f'{head} font-family="{FONTS}">\n<title>{escape(title)}</title>\n{body}\n</svg>\n'


def points_at(value: float, low: float = 88, high: float = 96) -> float:
    """Where a score stands on the usual axis."""
    return 190 + (value - low) / (high - low) * 370


def points_axis(picture: Picture, y: float, values: Sequence[float] = (88, 90, 92, 94, 96)) -> None:
    """The usual axis of scores."""
    picture.axis(y, [(points_at(value), f"{value:g}") for value in values])


def score_interval(say: Say) -> Picture:
    """Six imagined surveys: nearly all ranges hold what all would say."""
    picture = Picture(240)
    truth = points_at(92.4)
    picture.line((truth, 34), (truth, 190), ACCENT, "5 4")
    picture.text(
        truth,
        20,
        say("所有人都作答时的得分（没有人知道）", "what all would score (nobody knows)"),
        at="middle",
    )
    found = (92.7, 92.1, 92.5, 91.9, 92.9, 91.4)
    for number, value in enumerate(found):
        y = 50 + number * 24
        picture.interval(y, (points_at(value - 0.65), points_at(value + 0.65)), points_at(value))
        name = say("这次调查", "this survey") if number == 0 else say("重新抽一次", "another draw")
        picture.text(170, y, name, at="end", fill=INK if number == 0 else SOFT)
    points_axis(picture, 204)
    return picture


def adjusted_interval(say: Say) -> Picture:
    """From the plain score to level conditions, step by step."""
    picture = Picture(230)
    steps = (
        (say("得分", "score"), 0.0),
        (say("住户比例", "households"), 0.3),
        (say("答题人构成", "who answered"), 0.9),
        (say("调查方式", "how asked"), 0.6),
        (say("片区条件", "area"), -0.5),
    )
    value = 91.0
    for number, (name, change) in enumerate(steps):
        y = 22 + number * 30
        left, right = sorted((points_at(value), points_at(value + change)))
        picture.box((left, y - 8), (right - left, 16), ACCENT if change > 0 else MILD)
        picture.text(170, y, name, at="end")
        value += change
        label = f"{value:.1f}" if number == 0 else f"{change:+.1f}".replace("-", "−")
        if number == 0:
            picture.dot(points_at(value), y)
        picture.text(right + 10, y, label, fill=SOFT)
        picture.line((points_at(value), y + 8), (points_at(value), y + 22), SOFT, "2 2")
    picture.interval(176, (points_at(value - 1.2), points_at(value + 1.2)), points_at(value))
    picture.text(170, 176, say("条件拉平后", "on level conditions"), at="end")
    picture.text(points_at(value + 1.2) + 10, 176, f"{value:.1f}", fill=SOFT)
    points_axis(picture, 202)
    return picture


def shrunken_interval(say: Say) -> Picture:
    """Few ballots move far towards the others, many hardly."""
    picture = Picture(190)
    middle = points_at(92)
    picture.line((middle, 34), (middle, 142), SOFT, "5 4")
    picture.text(middle, 18, say("同类平均", "mean of its kind"), at="middle")
    for y, start, end, name in (
        (62, 95.2, 93.3, say("答卷 40 份", "40 ballots")),
        (112, 95.2, 94.8, say("答卷 400 份", "400 ballots")),
    ):
        picture.text(170, y, name, at="end")
        picture.line((points_at(start), y), (points_at(end), y), ACCENT)
        picture.dot(points_at(start), y, WHITE)
        picture.dot(points_at(end), y)
    picture.text(points_at(95.5), 38, say("自己的答卷", "own ballots"), at="middle", size=12, fill=SOFT)
    picture.text(points_at(93.5), 86, say("结合同类情况", "with its kind"), at="middle", size=12, fill=SOFT)
    points_axis(picture, 158)
    return picture


def rank_at(rank: float) -> float:
    """Where a rank among 17 stands."""
    return 190 + (rank - 1) / 16 * 370


def rank_axis(picture: Picture, y: float, say: Say) -> None:
    """Ranks from 1 to 17."""
    ticks = [(rank_at(rank), say(f"第{rank}名", f"rank {rank}")) for rank in (1, 5, 9, 13, 17)]
    picture.axis(y, ticks)


def rank_interval(say: Say) -> Picture:
    """The own range on the line from the first to the last."""
    picture = Picture(110)
    picture.text(170, 34, say("名次范围", "range of ranks"), at="end")
    picture.box((rank_at(6), 28), (rank_at(11) - rank_at(6), 12), ACCENT)
    picture.text(rank_at(8.5), 14, say("第 6 到第 11 名", "rank 6 to 11"), at="middle", fill=ACCENT)
    rank_axis(picture, 66, say)
    return picture


def rank_set(say: Say) -> Picture:
    """One's own range is narrower than the one that holds for all at once."""
    picture = Picture(140)
    for y, low, high, fill, name in (
        (26, 6, 11, ACCENT, say("只说一个人", "one alone")),
        (66, 3, 14, MILD, say("全组同时说准", "all right at once")),
    ):
        picture.text(170, y, name, at="end")
        picture.box((rank_at(low), y - 6), (rank_at(high) - rank_at(low), 12), fill)
    rank_axis(picture, 100, say)
    return picture


def tie_band(say: Say) -> Picture:
    """Scores without a gap are one band."""
    picture = Picture(150)
    bands = ((94.6, 94.9, 95.3), (91.8, 92.1, 92.5, 92.8, 93.1), (89.4,))
    for number, scores in enumerate(bands):
        left, right = points_at(min(scores)) - 14, points_at(max(scores)) + 14
        picture.box((left, 44), (right - left, 34), PALE, MILD)
        picture.text(
            (left + right) / 2, 28, say(f"第{'一二三'[number]}档", f"band {number + 1}"), at="middle"
        )
        for score in scores:
            picture.dot(points_at(score), 61)
    for value in (90.6, 93.85):
        picture.text(points_at(value), 61, say("断档", "gap"), at="middle", size=12, fill=SOFT)
    picture.text(170, 61, say("每点一个得分", "one dot, one score"), at="end", fill=SOFT)
    points_axis(picture, 110)
    return picture


def top_chance(say: Say) -> Picture:
    """Seventeen of a hundred imagined orders reach the top."""
    picture = Picture(150)
    for number in range(100):
        corner = (190 + number % 20 * 18.5, 16 + number // 20 * 18.5)
        picture.box(corner, (15, 15), ACCENT if number < 17 else PALE)
    picture.text(170, 40, say("可能性 17%", "chance 17%"), at="end")
    picture.text(
        190,
        126,
        say("100 种可能的次序里，17 种排进最好的一成", "of 100 possible orders, 17 reach the best tenth"),
    )
    return picture


def curve(
    centre: float, spread: float, low: float, high: float, top: tuple[float, float]
) -> list[tuple[float, float]]:
    """A bell curve between two scores; `top` is its foot and its height in pixels."""
    values = [low + (high - low) * step / 60 for step in range(61)]
    return [
        (points_at(value), top[0] - top[1] * math.exp(-(((value - centre) / spread) ** 2) / 2))
        for value in values
    ]


def closed(points: list[tuple[float, float]], foot: float) -> list[tuple[float, float]]:
    """The area under a curve."""
    return [(points[0][0], foot), *points, (points[-1][0], foot)]


def grade_chance(say: Say) -> Picture:
    """Most of what is possible lies on one side of the line."""
    picture = Picture(180)
    foot = 130.0
    picture.path(closed(curve(92.7, 1.1, 88, 94, (foot, 96)), foot), MILD)
    picture.path(closed(curve(92.7, 1.1, 94, 96, (foot, 96)), foot), PALE)
    picture.path(curve(92.7, 1.1, 88, 96, (foot, 96)), "none", ACCENT)
    line = points_at(94)
    picture.line((line, 20), (line, foot), INK, "5 4")
    picture.text(line + 6, 22, say("优秀线", "excellent"))
    picture.text(points_at(92.4), 104, say("良好 88%", "good 88%"), at="middle")
    picture.text(points_at(95.2), 112, "12%", at="middle", fill=SOFT)
    picture.text(170, 90, say("真实得分可能在哪里", "where it may lie"), at="end")
    points_axis(picture, 144)
    return picture


def progress(say: Say) -> Picture:
    """A gain and a loss lie beside the line of no change, an unclear change across it."""
    picture = Picture(190)

    def at(change: float) -> float:
        return 375 + change * 60

    picture.line((at(0), 12), (at(0), 140), INK, "5 4")
    rows = (
        (2.0, 1.0, say("提高", "gain")),
        (0.4, 1.0, say("不算升降", "neither up nor down")),
        (-1.8, 0.9, say("降低", "loss")),
    )
    for number, (change, half, name) in enumerate(rows):
        y = 32 + number * 42
        picture.text(170, y, name, at="end")
        picture.interval(y, (at(change - half), at(change + half)), at(change))
    ticks = [
        (at(change), f"{change:+d}".replace("-", "−") if change else say("没有变化", "no change"))
        for change in (-3, 0, 3)
    ]
    picture.axis(154, ticks)
    return picture


def reliability(say: Say) -> Picture:
    """What part of the differences is real."""
    picture = Picture(110)
    for y, share, name in (
        (28, 0.8, say("每人约 300 份答卷", "300 ballots each")),
        (72, 0.45, say("每人约 20 份答卷", "20 ballots each")),
    ):
        picture.text(170, y, name, at="end")
        picture.box((190, y - 13), (370 * share, 26), ACCENT)
        picture.box((190 + 370 * share, y - 13), (370 * (1 - share), 26), PALE)
        picture.text(200, y, say(f"真的差别 {share:.0%}", f"real {share:.0%}"), fill=WHITE)
        label = say("偶然", "chance")
        picture.text(552, y, label, at="end", fill=SOFT, size=12)
    return picture


def not_assessed(say: Say) -> Picture:
    """Four reasons for not assessing, side by side."""
    picture = Picture(160)
    names = (
        say("没有抽到人", "nobody drawn"),
        say("答卷太少", "too few ballots"),
        say("都在一栋楼", "one building"),
        say("还说不准", "not steady yet"),
    )
    for panel, name in enumerate(names):
        left = 14 + panel * 147
        picture.box((left, 12), (131, 104), WHITE, MILD)
        picture.text(left + 65, 136, name, at="middle")
        if panel == 3:
            picture.interval(64, (left + 8, left + 123), left + 65)
            continue
        for number in range(16):
            x, y = left + 22 + number % 4 * 29, 30 + number // 4 * 23
            chosen = (False, number in (5, 10), number % 4 == 1)[panel]
            picture.dot(x, y, ACCENT if chosen else PALE, 7)
    return picture


def standing(say: Say) -> Picture:
    """The steadier a score, the more may be said."""
    picture = Picture(130)
    parts = (
        (0, 70, PALE, INK, say("不评", "not assessed")),
        (70, 80, MILD, INK, say("只报得分", "score only")),
        (80, 100, ACCENT, WHITE, say("可以比较", "compared")),
    )

    def at(percent: float) -> float:
        # The upper part is drawn wider: decisions lie there.
        return 30 + (percent * 2 if percent <= 70 else 140 + (percent - 70) * 13.3)

    for low, high, fill, ink, name in parts:
        picture.box((at(low), 34), (at(high) - at(low), 40), fill)
        picture.text((at(low) + at(high)) / 2, 54, name, at="middle", fill=ink)
    picture.text(
        30,
        16,
        say("得分有多稳（真实差别所占的部分）", "how steady a score is (part that is real)"),
        fill=SOFT,
    )
    picture.axis(88, [(at(percent), f"{percent}%") for percent in (0, 70, 80, 100)])
    return picture


def ranking(say: Say) -> Picture:
    """Ranges apart carry an order, ranges upon one another do not."""
    picture = Picture(190)
    for panel, (step, half, name) in enumerate(
        (
            (40, 26, say("分得出先后", "an order can be told")),
            (9, 80, say("分不出先后", "no order can be told")),
        )
    ):
        left = 40 + panel * 290
        picture.text(left + 115, 20, name, at="middle")
        for number in range(5):
            x, y = left + 115 + (number - 2) * step, 50 + number * 26
            picture.interval(y, (x - half, x + half), x)
    return picture


def spread(say: Say) -> Picture:
    """Differences between scores against the error of each."""
    picture = Picture(170)
    panels = (
        (34, 12, say("差别大于误差", "differences larger")),
        (8, 34, say("误差大于差别", "errors larger")),
    )
    for panel, (step, half, name) in enumerate(panels):
        left = 20 + panel * 290
        picture.text(left + 130, 20, name, at="middle")
        for number, shift in enumerate((-2, 1, -1, 2, 0)):
            x, y = left + 130 + shift * step, 48 + number * 24
            picture.interval(y, (x - half, x + half), x)
    return picture


def evidence(say: Say) -> Picture:
    """A range needs more than one ballot, and from more than one spot."""
    picture = Picture(150)
    rows = (
        (say("300 份答卷", "300 ballots"), (92.0, 93.4), ""),
        (say("30 份答卷", "30 ballots"), (90.4, 95.0), ""),
        (say("1 份答卷", "1 ballot"), None, say("范围：说不出", "range: cannot be told")),
    )
    for number, (name, ends, note) in enumerate(rows):
        y = 24 + number * 34
        picture.text(170, y, name, at="end")
        if ends:
            picture.interval(y, (points_at(ends[0]), points_at(ends[1])), points_at(92.7))
        else:
            picture.dot(points_at(92.7), y, WHITE)
            picture.text(points_at(92.7) + 16, y, note, fill=SOFT)
    points_axis(picture, 122)
    return picture


def weighting(say: Say) -> Picture:
    """The mix of those who answered is balanced to the mix of all."""
    picture = Picture(140)
    rows = (
        (say("答卷", "ballots"), 0.75),
        (say("全部住户", "all households"), 0.6),
        (say("配平后的答卷", "balanced ballots"), 0.6),
    )
    for number, (name, share) in enumerate(rows):
        y = 26 + number * 42
        picture.text(170, y, name, at="end")
        picture.box((190, y - 14), (370 * share, 28), ACCENT)
        picture.box((190 + 370 * share, y - 14), (370 * (1 - share), 28), MILD)
        picture.text(200, y, say(f"自有住房 {share:.0%}", f"owners {share:.0%}"), fill=WHITE)
        picture.text(552, y, say(f"租房 {1 - share:.0%}", f"tenants {1 - share:.0%}"), at="end")
    return picture


def mode(say: Say) -> Picture:
    """Residents drawn alike answer more kindly face to face."""
    picture = Picture(160)
    line = points_at(94)
    picture.line((line, 10), (line, 112), SOFT, "5 4")
    rows = (
        (say("入户", "home visit"), 94.0, ""),
        (say("电话", "telephone"), 93.4, "−0.6"),
        (say("短信", "SMS link"), 91.2, "−2.8"),
    )
    for number, (name, value, label) in enumerate(rows):
        y = 26 + number * 34
        picture.text(170, y, name, at="end")
        picture.line((points_at(value), y), (line, y), ACCENT)
        picture.dot(points_at(value), y)
        picture.text(points_at(value) - 12, y, label, at="end", fill=SOFT)
    points_axis(picture, 128)
    return picture


def online(say: Say) -> Picture:
    """Open online answers pull the score only as far as they may."""
    picture = Picture(150)
    rows = (
        (say("抽样答卷", "drawn ballots"), 92.7, ACCENT),
        (say("公开网络答卷", "open online"), 89.2, WHITE),
        (say("得分", "score"), 92.4, ACCENT),
    )
    for number, (name, value, fill) in enumerate(rows):
        y = 24 + number * 32
        picture.text(170, y, name, at="end")
        picture.dot(points_at(value), y, fill)
    picture.line((points_at(92.7), 24), (points_at(92.7), 100), SOFT, "2 3")
    points_axis(picture, 116)
    return picture


def drivers(say: Say) -> Picture:
    """Importance against score: four fields."""
    picture = Picture(260)
    fields = (
        (0, 0, say("最值得先改进", "start here"), ACCENT, WHITE),
        (1, 0, say("请保持", "keep it up"), MILD, INK),
        (0, 1, say("可以稍后", "can wait"), PALE, INK),
        (1, 1, say("照现在这样", "enough as it is"), PALE, INK),
    )
    for column, row, name, fill, ink in fields:
        corner = (150 + column * 200, 16 + row * 96)
        picture.box(corner, (196, 92), fill)
        picture.text(corner[0] + 98, corner[1] + 46, name, at="middle", fill=ink, size=16)
    for row, name in enumerate((say("居民看重", "residents care"), say("关系较小", "matters less"))):
        picture.text(138, 62 + row * 96, name, at="end")
    for column, name in enumerate((say("得分偏低", "lower score"), say("得分较高", "higher score"))):
        picture.text(248 + column * 200, 224, name, at="middle")
    return picture


def fairness(say: Say) -> Picture:
    """Effects of a condition against what is worth minding."""
    picture = Picture(220)

    def at(points: float) -> float:
        return 375 + points * 70

    picture.box((at(-1), 10), (at(1) - at(-1), 166), PALE)
    picture.line((at(0), 10), (at(0), 176), INK, "5 4")
    rows = (
        (0.1, 0.5, say("不必在意", "nothing to mind")),
        (0.6, 0.3, say("很小", "small")),
        (0.7, 1.4, say("说不准", "cannot be told")),
        (1.7, 0.5, say("应先解决", "settle first")),
    )
    for number, (effect, half, name) in enumerate(rows):
        y = 32 + number * 40
        picture.text(170, y, name, at="end")
        picture.interval(y, (at(effect - half), at(effect + half)), at(effect))
    labels = {-1: "−1", 0: say("没有影响", "no effect"), 1: say("+1 分", "+1 point")}
    picture.axis(186, [(at(points), label) for points, label in labels.items()])
    return picture


def cost(say: Say) -> Picture:
    """Three kinds of answer about a cost."""
    picture = Picture(160)
    rows = (
        (say("说得出范围", "a range"), ((260, 340),)),
        (say("只能排除一段", "one stretch ruled out"), ((190, 300), (450, 560))),
        (say("说不出", "cannot be told"), ((190, 560),)),
    )
    for number, (name, stretches) in enumerate(rows):
        y = 26 + number * 32
        picture.text(170, y, name, at="end")
        for low, high in stretches:
            picture.box((low, y - 6), (high - low, 12), MILD)
    picture.axis(124, [(190, say("省钱", "saves")), (375, "0"), (560, say("花钱", "costs"))])
    return picture


PICTURES: dict[str, tuple[Callable[[Say], Picture], str, str]] = {
    "score-interval": (score_interval, "得分的范围", "Range of a score"),
    "adjusted-interval": (adjusted_interval, "条件拉平", "Level conditions"),
    "shrunken-interval": (shrunken_interval, "结合同类情况", "Together with its kind"),
    "rank-interval": (rank_interval, "名次范围", "Range of ranks"),
    "rank-set": (rank_set, "全组同时说准的名次", "Ranks right for all at once"),
    "tie-band": (tie_band, "并列档", "Bands of ties"),
    "top-chance": (top_chance, "属于最好一成的可能性", "Chance of the best tenth"),
    "grade-chance": (grade_chance, "等次的把握", "How sure a grade is"),
    "progress": (progress, "进退", "Change"),
    "reliability": (reliability, "得分有多稳", "How steady scores are"),
    "not-assessed": (not_assessed, "为什么不评", "Why not assessed"),
    "standing": (standing, "得分可以怎样用", "What a score may be used for"),
    "ranking": (ranking, "分得出与分不出先后", "Order or no order"),
    "spread": (spread, "差别与误差", "Differences and errors"),
    "evidence": (evidence, "得分从哪里来", "What a score rests on"),
    "weighting": (weighting, "按住户比例配平", "Balanced to all households"),
    "mode": (mode, "调查方式的影响", "Ways of asking"),
    "online": (online, "公开网络答卷", "Open online answers"),
    "drivers": (drivers, "先改进哪一题", "Which question first"),
    "fairness": (fairness, "条件对得分的影响", "Effect of a condition"),
    "cost": (cost, "每多一户满意的花费", "Cost of one more satisfied household"),
}


def made() -> dict[Path, str]:
    """All files as they should be."""
    files = {}
    for name, (draw, zh, en) in PICTURES.items():
        files[FOLDER / f"{name}.zh.svg"] = draw(lambda chinese, _: chinese).svg(zh)
        files[FOLDER / f"{name}.en.svg"] = draw(lambda _, english: english).svg(en)
    return files


def main(arguments: Sequence[str]) -> int:
    """Write the pictures, or with `--check` say which are out of step."""
    files = made()
    there = set(FOLDER.glob("*.svg"))
    off = [path for path, text in files.items() if path not in there or path.read_text("utf-8") != text]
    off += sorted(there - files.keys())
    if "--check" in arguments:
        for path in off:
            print(f"{path.name} is out of step: run tools/make_statement_pictures.py", file=sys.stderr)
        return int(bool(off))
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in there - files.keys():
        path.unlink()
    for path, text in files.items():
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
