"""Places that a correction hides: beside an earlier release their means would tell somebody's score."""

from __future__ import annotations

from functools import lru_cache

from minping_engine.reporting import telling_places
from minping_web.publications.models import Publication
from minping_web.publications.selectors.current import earlier_of
from minping_web.results.selectors.cards import result_of, scheme_of, snapshot_of


def hidden_places(publication: Publication) -> frozenset[str]:
    """Codes of the places; none for a first publication. The same that its bulletin leaves out."""
    return _hidden(publication.pk) if publication.supersedes_id else frozenset()


@lru_cache(maxsize=64)
def _hidden(publication_id: int) -> frozenset[str]:
    rows = Publication.objects.select_related("run__scheme", "run__snapshot", "supersedes__run")
    found = rows.get(pk=publication_id)
    result, snapshot = result_of(found.run), snapshot_of(found.run)
    if result is None or snapshot is None:
        return frozenset()
    former = [result_of(one.run) for one in earlier_of(found.supersedes)]
    scheme = scheme_of(found.run)
    told = (telling_places(one, result, scheme, snapshot) for one in former if one is not None)
    return frozenset[str]().union(*told)
