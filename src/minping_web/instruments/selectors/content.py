"""Contents of frozen versions, kept in memory by their hash: equal hash, equal questionnaire."""

from __future__ import annotations

from functools import lru_cache

from minping_web.instruments.models import InstrumentVersion
from minping_web.instruments.rules.questionnaire import Questionnaire, questionnaire_of

KEPT = 64


@lru_cache(maxsize=KEPT)
def frozen_questionnaire(sha256: str) -> Questionnaire:
    """The questionnaire with this hash; raises DoesNotExist for one that was never frozen."""
    found = InstrumentVersion.objects.filter(sha256=sha256).only("content").first()
    if found is None:
        raise InstrumentVersion.DoesNotExist(sha256)
    return questionnaire_of(found.content)
