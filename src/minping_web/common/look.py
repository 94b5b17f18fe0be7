"""The colours of the style sheet as numbers: tokens by theme, contrast, distance for colour-blind eyes.

The style guide shows them and a test holds them to WCAG 2.2 AA, so that the one place where a colour is
changed is the style sheet. Contrast: WCAG 2.2, "relative luminance"; colour blindness: the linear model
of Machado, Oliveira and Fernandes (2009) at full severity; distance: Oklab, in hundredths.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SHEET = Path(__file__).parent / "static" / "minping" / "minping.css"
Colour = NDArray[np.float64]

THEMES = {"staff": ":root", "public": ".public", "wall": ".wall"}
TEXT, LARGE = 4.5, 3.0
"""Least contrast of text, and of edges, marks and areas of pictures."""


class Pair(NamedTuple):
    """A colour that stands on another one, and the contrast it needs."""

    over: str
    under: str
    least: float = TEXT


PAIRS = (
    *(Pair(over, under) for over in ("ink", "muted", "link") for under in ("paper", "surface", "sunken")),
    Pair("ink", "brand-soft"),
    Pair("brand", "brand-soft"),
    Pair("brand", "surface"),
    Pair("on-brand", "brand"),
    Pair("on-deep", "brand-deep"),
    Pair("accent", "accent-soft"),
    Pair("accent", "surface"),
    *(Pair(state, f"{state}-soft") for state in ("ok", "warn", "bad", "info", "off")),
    *(Pair(over, f"{state}-soft") for over in ("ink", "muted") for state in ("warn", "bad")),
    *(Pair(state, "surface") for state in ("bad", "ok")),
    *(Pair("edge", under, LARGE) for under in ("surface", "paper")),
    *(Pair("focus", under, LARGE) for under in ("surface", "paper", "sunken")),
)
"""Everything that is written or drawn on something else."""

CHART = tuple(f"c{number}" for number in range(1, 8))
SEQUENCE = tuple(f"seq-{number}" for number in range(1, 6))
CLASSES = ("class-a", "class-b", "class-c")

_DEFICIENCIES = {
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
EYES = ("normal", *_DEFICIENCIES)


@cache
def tokens(theme: str) -> dict[str, str]:
    """Colour tokens of a theme by name, those of the staff pages underneath."""
    sheet = re.sub(r"/\*.*?\*/", "", SHEET.read_text("utf-8"), flags=re.DOTALL)
    layer = sheet[sheet.index("@layer tokens {") : sheet.index("@layer elements {")]
    own = _colours(layer, THEMES[theme])
    return own if theme == "staff" else tokens("staff") | own


def _colours(layer: str, selector: str) -> dict[str, str]:
    block = re.search(rf"^  {re.escape(selector)} \{{(.*?)\}}", layer, re.DOTALL | re.MULTILINE)
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", block.group(1))) if block else {}


def contrast(one: str, other: str) -> float:
    """The WCAG contrast ratio of two colours like `#17282d`: 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def distance(one: str, other: str, eye: str = "normal") -> float:
    """How far two colours are apart for an eye: hundredths of Oklab; under about 2 nobody sees it."""
    return float(np.linalg.norm(_oklab(one, eye) - _oklab(other, eye)) * 100)


def _linear(colour: str) -> Colour:
    parts = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def _luminance(colour: str) -> float:
    return float(_linear(colour) @ np.array([0.2126, 0.7152, 0.0722]))


def _oklab(colour: str, eye: str) -> Colour:
    seen = _linear(colour)
    if eye != "normal":
        seen = np.clip(np.array(_DEFICIENCIES[eye]) @ seen, 0, 1)
    cones = np.cbrt(_CONES @ seen)
    return np.asarray(_OPPONENTS @ cones)


_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_OPPONENTS = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
