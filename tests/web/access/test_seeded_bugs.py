"""Twenty permission bugs put into the running product: the matrix or a rule beside it must notice each one.

A net that catches nothing looks like a net that found nothing. Each mutant changes one function for one
test; `noticed` runs the part of the matrix that should see it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Q

from minping_web.access import rules, selectors
from minping_web.access import views as access_views
from minping_web.access.models import Grant
from minping_web.access.rules import Role
from minping_web.access.selectors import scope_of, scope_of_key
from minping_web.access.services import Wanted, delegate, grant, make_api_key, wanted
from minping_web.accounts import selectors as accounts
from minping_web.accounts import services as account_services
from minping_web.accounts.models import User
from minping_web.common import approval, pages, scope
from minping_web.common.clock import now, today
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Reach, Scope
from minping_web.places.models import Area
from tests.web import factories
from tests.web.access.policy import routes
from tests.web.access.walk import violations
from tests.web.access.world import make_world
from tests.web.factories import scope_with, small_district, user

Patch = pytest.MonkeyPatch
DAY = timedelta(days=1)


def matrix(names: set[str], roles: set[str]) -> bool:
    """Whether the matrix differs on these routes for these roles."""
    found = [route for route in routes() if route.name in names]
    assert found, "the routes of this mutant exist"
    return bool(violations(make_world(sorted(roles)), found, thorough=True))


def refused(act: Callable[[], object]) -> bool:
    """Whether a service says no."""
    try:
        act()
    except (RefusedError, pages.PermissionDenied):
        return True
    return False


AREAS = ({"places:list", "places:detail"}, {"street_staff", "community_staff"})
ACCOUNTS = ({"accounts:users", "accounts:user", "accounts:new_user"}, {"worker", "administrator", "auditor"})
GRANTS = ({"access:grants", "access:grant", "access:delegate"}, {"worker", "administrator"})


def permissions_agree() -> bool:
    """Whether the roles hold what the policy says (the test beside the matrix)."""
    from tests.web.access.policy import policy
    from tests.web.access.test_policy import test_each_permission_is_held_by_whom_the_policy_says as check

    try:
        for capability in policy()["permissions"]:
            check(capability)
    except AssertionError:
        return False
    return True


def _holders(patch: Patch, role: Role, *more: str) -> None:
    patch.setitem(rules.PERMISSIONS_OF, role, rules.PERMISSIONS_OF[role] | set(more))


def covers_nothing_lost(self: Reach, path: str) -> bool:
    """A prefix of numbers instead of whole ids: area 1 would cover area 10."""
    return self.whole or any(path.startswith(root[:-1]) for root in self.paths)


def neighbour_is_open() -> bool:
    """Whether somebody of one area reaches its neighbours by a shortened prefix."""
    home = small_district().district
    first, second, third = (factories.area("street", name, home) for name in ("甲街道", "乙街道", "丙街道"))
    # Of three neighbours at least two share all digits but the last, wherever the numbering stands.
    return any(
        scope_with("street_staff", area=own).may("places.edit", next_door.path)
        for own, next_door in ((first, second), (second, third))
    )


def live_for(change: dict[str, Any]) -> bool:
    """Whether a grant with these values still opens something."""
    who = user()
    given = factories.grant(who, "district_bureau")
    Grant.objects.filter(pk=given.pk).update(**change)
    return bool(scope_of(who).reaches)


def deputy_outlives_source() -> bool:
    """Whether a deputy keeps the role after its owner lost it."""
    owner, deputy, street = user(), user(), small_district().streets[0]
    source = factories.grant(owner, "street_staff", area=street)
    delegate(scope_of(owner), source, deputy.pk, until=today() + DAY)
    Grant.objects.filter(pk=source.pk).update(revoked_at=now())
    return bool(scope_of(deputy).reaches)


def approves_alone() -> bool:
    """Whether one person can both propose and approve."""
    admin, who = scope_with("administrator", fresh=True), user()
    proposal = grant(admin, Wanted(who.pk, Role.DISTRICT_BUREAU, today()), reason="任命")
    try:
        with transaction.atomic():
            return not refused(lambda: approval.approve(admin, proposal.pk)) and bool(scope_of(who).reaches)
    except IntegrityError:  # the database's own rule: only a service that said yes comes this far
        return True


def approves_stale() -> bool:
    """Whether an old second factor approves."""
    admin, who = scope_with("administrator"), user()
    proposal = grant(admin, Wanted(who.pk, Role.DISTRICT_BUREAU, today()), reason="任命")
    second = replace(scope_with("administrator"), second_factor_at=now() - timedelta(hours=1))
    return not refused(lambda: approval.approve(second, proposal.pk))


def street_of_the_district() -> bool:
    """Whether street staff can be granted the whole district as their area."""
    admin, district = scope_with("administrator"), small_district()
    asked = Wanted(user().pk, Role.STREET_STAFF, today(), area=district.district.pk)
    return not refused(lambda: grant(admin, asked))


def grants_power_alone() -> bool:
    """Whether one administrator alone makes another."""
    made = grant(scope_with("administrator"), Wanted(user().pk, Role.ADMINISTRATOR, today()), reason="任命")
    return isinstance(made, Grant)


def grants_to_self() -> bool:
    """Whether an administrator grants to himself."""
    admin, street = scope_with("administrator"), small_district().streets[0]
    asked = Wanted(admin.user_id or 0, Role.STREET_STAFF, today(), area=street.pk)
    return not refused(lambda: grant(admin, asked))


def both_sides() -> bool:
    """Whether an assessed worker can become an interviewer."""
    who, area = user(), small_district().communities[0]
    factories.grant(who, "worker")
    asked = Wanted(who.pk, Role.INTERVIEWER, today(), area=area.pk)
    return not refused(lambda: grant(scope_with("administrator"), asked))


def key_beyond_owner() -> bool:
    """Whether a key opens more than its owner may when the owner lost the role."""
    owner = scope_with("district_bureau")
    _, secret = make_api_key(owner, "接口", permissions=["people.view"], expires_on=today() + DAY)
    Grant.objects.filter(user_id=owner.user_id).update(revoked_at=now())
    found = scope_of_key(secret)
    return found is not None and found[1].may("people.view")


def takes_over_alone() -> bool:
    """Whether one administrator resets another's second factor alone."""
    admin, other = scope_with("administrator"), user()
    factories.grant(other, "administrator")
    return account_services.reset_factor(admin, other) is None


@dataclass(frozen=True)
class Mutant:
    """A bug, and whether the tests' question notices it; `noticed` is false in the sound product."""

    plant: Callable[[Patch], None]
    noticed: Callable[[], bool]


def _within_all(patch: Patch) -> None:
    from minping_web.places import selectors as places

    for module in (scope, *([places] if hasattr(places, "within") else _submodules(places))):
        if hasattr(module, "within"):
            patch.setattr(module, "within", lambda queryset, *_, **__: queryset)


def _submodules(package: Any) -> list[Any]:
    import sys

    return [module for name, module in sys.modules.items() if name.startswith(package.__name__ + ".")]


def _no_rule(patch: Patch) -> None:
    patch.setattr(pages, "_turned_away", lambda request, rule: None)


def _only_sign_in(patch: Patch) -> None:
    original = pages._turned_away

    def forgets(request: Any, rule: Any) -> Any:
        return original(request, replace(rule, permission=None))

    patch.setattr(pages, "_turned_away", forgets)


def _reach_whole(patch: Patch) -> None:
    patch.setattr(selectors, "_reach_of", lambda given: Reach(whole=True))


def _holds_always(patch: Patch, **values: bool) -> None:
    patch.setattr(selectors, "_holds", lambda prefix: Q(**{f"{prefix}pk__isnull": False}))


def _only_revoked(prefix: str) -> Q:
    return Q(**{f"{prefix}revoked_at__isnull": True})


def _only_period(prefix: str) -> Q:
    day = today()
    ends = Q(**{f"{prefix}valid_to__isnull": True}) | Q(**{f"{prefix}valid_to__gte": day})
    return Q(**{f"{prefix}valid_from__lte": day}) & ends


def _live_without_source(patch: Patch) -> None:
    patch.setattr(selectors, "live", lambda: Grant.objects.filter(_only_revoked("")))


def _all_grants(patch: Patch) -> None:
    patch.setattr(access_views.selectors, "grants_for", lambda seen: Grant.objects.select_related("user"))


def _export_of_all(patch: Patch) -> None:
    from minping_web.access.exports import grant_rows

    patch.setattr(access_views, "grant_rows", lambda rows: grant_rows(Grant.objects.all()))


def _everybody_sees_users(patch: Patch) -> None:
    patch.setattr(accounts, "users_for", lambda seen: User.objects.none())


def _same_person(patch: Patch) -> None:
    class Other(int):
        """Equal to nobody."""

        def __ne__(self, other: object) -> bool:
            return True

        __hash__ = int.__hash__

        def __eq__(self, other: object) -> bool:
            return False

    original = approval._open_proposal

    def forgets(acting: Scope, number: int) -> Any:
        found = original(acting, number)
        found.proposer_id = Other(found.proposer_id)
        return found

    patch.setattr(approval, "_open_proposal", forgets)
    patch.setattr(approval, "_decide", lambda *_: None)
    patch.setattr(approval, "_holds", lambda *_: True)


MUTANTS = {
    "within returns every row": Mutant(_within_all, lambda: matrix(*AREAS)),
    "an area grant holds everywhere": Mutant(_reach_whole, lambda: matrix(*AREAS)),
    "a prefix ends in the middle of an id": Mutant(
        lambda patch: patch.setattr(Reach, "covers", covers_nothing_lost), neighbour_is_open
    ),
    "pages check nothing": Mutant(_no_rule, lambda: matrix(*ACCOUNTS)),
    "pages ignore the permission": Mutant(_only_sign_in, lambda: matrix(*ACCOUNTS)),
    "revoked grants count": Mutant(
        lambda patch: patch.setattr(selectors, "_holds", _only_period),
        lambda: live_for({"revoked_at": now()}),
    ),
    "grants that are over count": Mutant(
        lambda patch: patch.setattr(selectors, "_holds", _only_revoked),
        lambda: live_for({"valid_to": today() - DAY}),
    ),
    "grants that have not begun count": Mutant(
        lambda patch: patch.setattr(selectors, "_holds", _only_revoked),
        lambda: live_for({"valid_from": today() + DAY}),
    ),
    "a deputy outlives the source": Mutant(_live_without_source, deputy_outlives_source),
    "everybody sees every grant": Mutant(_all_grants, lambda: matrix(*GRANTS)),
    "the export forgets to narrow": Mutant(_export_of_all, lambda: matrix(*GRANTS)),
    "the list of users shows nobody": Mutant(_everybody_sees_users, lambda: matrix(*ACCOUNTS)),
    "one person proposes and approves": Mutant(_same_person, approves_alone),
    "an old second factor approves": Mutant(
        lambda patch: patch.setattr(approval, "is_fresh", lambda seen: True), approves_stale
    ),
    "street staff of the whole district": Mutant(
        lambda patch: patch.setitem(rules.LEVELS_OF, Role.STREET_STAFF, rules.ANY_LEVEL),
        street_of_the_district,
    ),
    "power is granted by one": Mutant(
        lambda patch: patch.setattr("minping_web.access.services.grants.POWERFUL", frozenset()),
        grants_power_alone,
    ),
    "one grants to oneself": Mutant(
        lambda patch: patch.setattr("minping_web.access.services.grants.problems_of", lambda *_: []),
        lambda: grants_to_self_by_service(),
    ),
    "the assessed survey": Mutant(
        lambda patch: patch.setattr(wanted.rules, "conflict_of", lambda *_: None), both_sides
    ),
    "a key keeps what its owner lost": Mutant(
        lambda patch: patch.setattr(
            selectors,
            "scope_of",
            lambda who, **_: Scope(user_id=who.pk, reaches={"people.view": Reach(whole=True)}),
        ),
        key_beyond_owner,
    ),
    "one administrator takes over another": Mutant(
        lambda patch: patch.setattr(
            account_services.rules.Guards, "second_person", staticmethod(lambda _: False)
        ),
        takes_over_alone,
    ),
    "street staff open contacts": Mutant(
        lambda patch: _holders(patch, Role.STREET_STAFF, "frames.contacts"), lambda: not permissions_agree()
    ),
    "the auditor changes areas": Mutant(
        lambda patch: _holders(patch, Role.AUDITOR, "places.edit"), lambda: not permissions_agree()
    ),
}


def grants_to_self_by_service() -> bool:
    """As `grants_to_self`; the database would refuse as well, which counts as refused."""
    try:
        with transaction.atomic():
            return grants_to_self()
    except IntegrityError:
        return True


@pytest.mark.parametrize("name", MUTANTS)
def test_a_seeded_bug_is_noticed(db: None, monkeypatch: Patch, name: str) -> None:
    MUTANTS[name].plant(monkeypatch)
    assert MUTANTS[name].noticed()


@pytest.mark.deep
@pytest.mark.parametrize("name", MUTANTS)
def test_the_sound_product_raises_no_alarm(db: None, name: str) -> None:
    assert not MUTANTS[name].noticed()


def test_there_are_twenty_of_them_and_areas_are_real(db: None) -> None:
    assert len(MUTANTS) >= 20
    assert Area.objects.count() == 0
