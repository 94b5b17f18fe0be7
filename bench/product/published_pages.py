"""Pages of a published round of full size: results, coaching, rewards, objections, publications, the rest.

In: a deployment in which `bench.product.publishing` published a round of 1,076 workers. A choice with as many
grids and as many people who wish, and an objection of every tenth worker, are put in past the product, in
bulk. Timed as `pages.py` does: each page once to warm up, once to count its queries, then several times.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from bench.product.meter import Figure
from bench.product.pages import Asked, _measured

RUNS, EVERY = 9, 10


def crowd(round_id: int, who: Any) -> int:
    """Objections, grids and people of a choice; gives the number of the choice."""
    from minping_web.assessments.models import AssessedResult

    results = list(AssessedResult.objects.filter(run__round=round_id).select_related("area__parent"))
    _objections(results[::EVERY], who)
    return _choice(results)


def _objections(results: list[Any], who: Any) -> None:
    from minping_web.common.clock import now, today
    from minping_web.objections.models import Objection, Preview

    preview, moment = Preview.objects.get(), now()
    Objection.objects.bulk_create(
        Objection(preview=preview, result=one, area=one.area, subject="other", text="测量用", filed_by=who,
                  due_on=today() + timedelta(days=3), filed_at=moment)
        for one in results
    )  # fmt: skip


def _choice(results: list[Any]) -> int:
    from minping_web.choices.models import Candidate, PostedGrid, TwoWayChoice
    from minping_web.common.clock import now, today
    from minping_web.places.models import Area

    moment, day = now(), timedelta(days=1)
    made = TwoWayChoice.objects.create(
        name="测量双向选择", area=Area.objects.get(level="district"), choose_from=moment,
        choose_until=moment + day, choose_back_until=moment + 2 * day, takes_effect_on=today() + 30 * day,
        made_at=moment,
    )  # fmt: skip
    grids = Area.objects.filter(level="responsibility_area")
    PostedGrid.objects.bulk_create(PostedGrid(choice=made, area=one) for one in grids)
    Candidate.objects.bulk_create(Candidate(choice=made, person_id=one.person_id) for one in results)
    return int(made.pk)


def asked_pages(round_id: int, choice: int) -> Iterator[Asked]:
    """Lists first, then the pages that are opened from them."""
    from minping_web.assessments.models import AssessedResult, AssessmentRun
    from minping_web.places.models import Area
    from minping_web.publications.models import Publication
    from minping_web.rewards.models import Sheet

    run = AssessmentRun.objects.get(round=round_id)
    publication = Publication.objects.get(run=run)
    district = Area.objects.get(level="district")
    person = AssessedResult.objects.filter(run=run)[500]
    yield Asked("results", "/results/")
    yield Asked("results, the district", f"/results/{publication.pk}/places/{district.pk}/")
    yield Asked("results, people of the district", f"/results/{publication.pk}/places/{district.pk}/people/")
    yield Asked("results, a person", f"/results/{publication.pk}/people/{person.pk}/")
    yield Asked("coaching plans", "/coaching/")
    yield Asked("coaching, the board", "/coaching/board/")
    yield Asked("coaching, who could teach", "/coaching/teachers/")
    yield Asked("coaching, did it help", "/coaching/effects/")
    yield Asked("pay sheets", "/rewards/")
    for sheet in Sheet.objects.order_by("-pk")[:1]:
        yield Asked("a pay sheet", f"/rewards/{sheet.pk}/")
    yield Asked("rewards over periods", "/rewards/periods/")
    yield Asked("rewards, money", "/rewards/money/")
    yield Asked("objections", "/objections/")
    yield Asked("previews", "/objections/results/")
    yield Asked("a preview", f"/objections/results/{run.pk}/")
    yield Asked("exclusions", "/objections/exclusions/")
    yield Asked("choices", "/choices/")
    yield Asked("a choice", f"/choices/{choice}/")
    yield Asked("a choice, its grids", f"/choices/{choice}/grids/")
    yield Asked("a choice, its people", f"/choices/{choice}/people/")
    yield Asked("appraisals", "/appraisals/")
    yield Asked("appraisals of the round", f"/appraisals/rounds/{round_id}/")
    yield Asked("appraisals, values", f"/appraisals/rounds/{round_id}/values/")
    yield Asked("assessments", "/assessments/")
    yield Asked("an assessment", f"/assessments/{run.pk}/")
    yield Asked("an assessment, why this score", f"/assessments/{run.pk}/results/{person.pk}/")
    yield Asked("publications", "/publications/")
    yield Asked("a publication with its files", f"/publications/{publication.pk}/")
    yield Asked("published, for everybody", f"/published/{publication.pk}/")


def measure_published_pages(round_id: int, runs: int = RUNS) -> list[Figure]:
    """All of them, as somebody of the bureau."""
    from django.test import Client
    from django.utils import timezone

    from tests.web.entering import sign_in
    from tests.web.factories import grant, user

    who = user(f"reader-{timezone.now().timestamp()}")
    grant(who, "district_bureau")
    client = sign_in(Client(), who)
    return [_measured(client, asked, runs) for asked in asked_pages(round_id, crowd(round_id, who))]


def main() -> None:
    """In a process of its own: `python -m bench.product.published_pages ROUND`; figures as JSON."""
    import django

    django.setup()
    print(json.dumps([asdict(one) for one in measure_published_pages(int(sys.argv[1]))]))


if __name__ == "__main__":
    main()
