"""The closed list of covariates: what an area's work is made hard by (S75).

Values are read from official sources by people; here are names, units, and the smallest level at which a
count may be kept. Counts of ill or disabled people are never kept below the community: in a compound
of a few hundred households a number points at a door.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import lazy
from django.utils.translation import get_language

from minping_web.places.rules.levels import ORDER, Level

Words = tuple[str, str]
"""Chinese, English."""
PERSONS, HOUSEHOLDS, ESTATES, PLACES = (
    ("人", "persons"),
    ("户", "households"),
    ("个", "estates"),
    ("片", "places"),
)


@dataclass(frozen=True)
class Covariate:
    """One quantity; `places` digits behind the point, `smallest` level that may carry it.

    Both names stand here, not in the locale files: tables are read in both languages at once.
    """

    key: str
    zh: str
    en: str
    units: Words
    places: int = 0
    smallest: str = Level.RESPONSIBILITY_AREA

    @property
    def label(self) -> str:
        """In the language of the page."""
        return _spoken((self.zh, self.en))

    @property
    def unit(self) -> str:
        """In the language of the page."""
        return _spoken(self.units)


def _spoken(words: Words) -> str:
    return words[1] if (get_language() or "zh").startswith("en") else words[0]


COVARIATES = (
    Covariate("area_km2", "面积", "Area of land", ("km²", "km²"), places=4),
    Covariate("residents_all", "常住人口", "Residents", PERSONS),
    Covariate("residents_registered", "户籍人口", "Registered residents", PERSONS),
    Covariate("residents_migrant", "流动人口", "Migrant residents", PERSONS),
    Covariate("aged_60", "60岁以上老人", "Residents of 60 and over", PERSONS),
    Covariate("low_income_households", "低保户", "Low-income households", HOUSEHOLDS),
    Covariate("low_income_persons", "低保人数", "Low-income persons", PERSONS),
    Covariate("low_income_margin", "低保边缘户", "Households at the low-income margin", HOUSEHOLDS),
    Covariate("social_housing_estates", "保障房小区", "Social housing estates", ESTATES),
    Covariate("social_housing_households", "保障房入住户", "Households in social housing", HOUSEHOLDS),
    Covariate("shanty_places", "棚户片", "Shanty places", PLACES),
    Covariate("shanty_households", "棚户区户数", "Households in shanty places", HOUSEHOLDS),
    Covariate("disabled", "残疾人", "Disabled residents", PERSONS, smallest=Level.COMMUNITY),
    Covariate("psychiatric", "精神障碍患者", "Psychiatric patients", PERSONS, smallest=Level.COMMUNITY),
)
COVARIATE_OF = {covariate.key: covariate for covariate in COVARIATES}


def _label_of(key: str) -> str:
    return COVARIATE_OF[key].label


_label = lazy(_label_of, str)
CHOICES = [(covariate.key, _label(covariate.key)) for covariate in COVARIATES]
LABELS = {name: c.key for c in COVARIATES for name in (c.zh, c.en, c.key)}


def covariate_fault(key: str, level: str, value: Decimal) -> tuple[str, dict[str, object]] | None:
    """Problem code and parameters, or None: kept only where it is allowed, with the unit's precision."""
    covariate = COVARIATE_OF[key]
    if ORDER[Level(level)] > ORDER[Level(covariate.smallest)]:
        return "places.covariate_too_small", {
            "name": covariate.label,
            "level": Level(covariate.smallest).label,
        }
    if value < 0 or value != round(value, covariate.places):
        return "places.covariate_precision", {"name": covariate.label, "places": covariate.places}
    return None
