"""The invented district in an empty database, through the ordinary services and importers.

In: number of households, a seed. Out: streets and communities of 鼓楼区 by their official names with
everything else invented (grids, people, firms, contracts, households, telephones), one account per role.
Equal parameters on one day give equal rows, but for salts, keys and sealed values, which must be random.
Numbers of mobile telephones begin with 102, which no mobile network has: nobody gets a message by mistake.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.conf import settings
from django.db import transaction

from minping_engine.demo import DemoParameters, District, make_district
from minping_web.common.clock import now, today
from minping_web.common.crypto import make_keys
from minping_web.common.models import Deployment
from minping_web.common.problems import RefusedError
from minping_web.common.scope import entered, system_scope
from minping_web.places.services.publication import publish_map
from minping_web.site.demo.accounts import ACCOUNTS
from minping_web.site.demo.people_seed import seed_people
from minping_web.site.demo.places_seed import seed_places
from minping_web.site.demo.role_seed import seed_accounts
from minping_web.site.demo.round_plan import RoundSize
from minping_web.site.demo.round_stages import queue_rounds
from minping_web.site.demo.service_seed import seed_service
from minping_web.site.demo.units_seed import seed_frame, seed_quarter
from minping_web.site.demo.works_seed import seed_organisations
from minping_web.site.guard import kind_of_database

DISTRICT = "鼓楼区（演示）"
AS_OF, QUARTER_BEGAN = date(2020, 12, 31), date(2021, 1, 1)
"""The last day of the engine's demonstration: postings and figures are as of then, the frame is of today."""
SEED = 26
"""The first one, counted from 1, whose story rounds to the published 85.2 (2019Q1) and 95.13 (2020Q4)."""
PUBLISHED = {level: {"shown": True, "names": True} for level in ("street", "community", "grid")}
"""What the invented district shows to visitors: places and who serves them, no telephones."""
Tell = Callable[[str], None]


def seed_demonstration(
    *, households: int, seed: int = SEED, size: RoundSize | None = None, tell: Tell = lambda line: None
) -> None:
    """Fill an empty database that was migrated; raises `RefusedError` outside a demonstration.

    The rounds with their votes are made by a job: votes are durable one by one, and nobody waits for them.
    """
    if not settings.DEMO:
        raise RefusedError.of("site.demo_only")
    if kind_of_database() is not None:
        raise RefusedError.of("site.already_set_up", name=Deployment.objects.get().name)
    make_keys(settings.KEY_FOLDER)
    district, wanted = make_district(DemoParameters(), seed), size or RoundSize()
    with transaction.atomic():
        fill(district, households=households, communities=wanted.communities, tell=tell)
        queue_rounds(seed, wanted)


@transaction.atomic
def fill(district: District, *, households: int, tell: Tell, communities: int = 1) -> None:
    """All or nothing: a start that was interrupted begins again with an empty database."""
    Deployment.objects.create(pk=1, kind=Deployment.Kind.DEMO, name=DISTRICT, created_at=now())
    tell(_line("区域 areas", seed_places(system_scope(), district, AS_OF)))
    scope = system_scope()  # once more: it carries the communities, which exist only now
    with entered(scope):
        tell(_line("单位和合同 organisations, contracts", seed_organisations(scope, district)))
        tell(_line("人员和任职 people, postings", seed_people(scope, district, AS_OF)))
        tell(_line("证书、技能、替岗 certificates, skills, stand-ins", seed_service(scope)))
        tell(_line("住户和单位 households, units", seed_frame(scope, district, households, today())))
        tell(
            _line(
                "已封存的抽样框 units of the sealed frame",
                seed_quarter(scope, district, QUARTER_BEGAN, communities),
            )
        )
        publish_map(scope, PUBLISHED)
        seed_accounts(scope)
        tell(_line("账号 accounts", len(ACCOUNTS)))


def _line(what: str, count: int) -> str:
    return f"{count:>7,}  {what}"
