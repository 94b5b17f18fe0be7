"""Reads of organisations and contracts, narrowed to what a scope may see.

An organisation lies at its area; one without an area is the district's and is seen by district roles
and by its own users. A contract is seen where its principal, its contractor or one of its places lies,
and by users of either side; users of a lead contractor also see what hangs below their contracts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet, Sum

from minping_web.common.clock import today
from minping_web.common.crypto import keyring
from minping_web.common.scope import Reach, Scope, within
from minping_web.organisations.models import Contract, Organisation, OrganisationContact
from minping_web.organisations.rules import DEEPEST
from minping_web.places.models import Area
from minping_web.places.selectors.areas import areas_seen

VIEW, EDIT, OWN = "organisations.view", "organisations.edit", "organisations.own"


def organisations_seen(scope: Scope, permission: str = VIEW) -> QuerySet[Organisation]:
    """Organisations that the scope may see (with `OWN`: its own ones)."""
    queryset = Organisation.objects.select_related("area", "parent")
    reach = scope.reach(permission)
    return queryset if reach.whole else queryset.filter(_bodies(scope, reach, permission))


def _bodies(scope: Scope, reach: Reach, permission: str) -> Q:
    seen = Q(pk__in=reach.organisations)
    if reach.paths:
        seen |= Q(area__in=areas_seen(scope, permission).values("pk"))
    return seen


def organisations_known(scope: Scope) -> QuerySet[Organisation]:
    """By permission to view, or one's own."""
    return organisations_seen(scope) | organisations_seen(scope, OWN)


def organisation_by_code(scope: Scope, code: str) -> Organisation | None:
    """The organisation with this code that the scope may see."""
    return organisations_known(scope).filter(code=code).first()


@dataclass(frozen=True)
class OrganisationFilter:
    """What the list is narrowed to."""

    text: str = ""
    kind: str = ""
    state: str = ""


def filtered(queryset: QuerySet[Organisation], wanted: OrganisationFilter) -> QuerySet[Organisation]:
    """Search by code or name; by kind; active, ended or all."""
    if wanted.text:
        queryset = queryset.filter(Q(name__icontains=wanted.text) | Q(code__icontains=wanted.text))
    if wanted.kind:
        queryset = queryset.filter(kind=wanted.kind)
    if wanted.state == "ended":
        queryset = queryset.filter(valid_to__lt=today())
    elif wanted.state != "all":
        queryset = queryset.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today()))
    return queryset.annotate(staff_count=Count("staff", distinct=True)).order_by("code")


def may_see_contacts(scope: Scope, organisation: Organisation) -> bool:
    """Editors, holders of `people.contact` at its area, and its own users."""
    path = organisation.area.path if organisation.area else None
    own = organisation.pk in scope.reach(OWN).organisations
    return own or any(_holds(scope, permission, path) for permission in (EDIT, "people.contact"))


def _holds(scope: Scope, permission: str, path: str | None) -> bool:
    reach = scope.reach(permission)
    return reach.whole or (path is not None and reach.covers(path))


@dataclass(frozen=True)
class ContactLine:
    """An opened contact."""

    id: str
    purpose: str
    name: str
    phone: str
    email: str


def contacts_of(scope: Scope, organisation: Organisation) -> list[ContactLine]:
    """Opened contacts, for those who may see them; else nothing."""
    if not may_see_contacts(scope, organisation):
        return []
    return [_opened(contact) for contact in organisation.contacts.all()]


def _opened(contact: OrganisationContact) -> ContactLine:
    plain = json.loads(keyring().open(contact.sealed, contact.about))
    return ContactLine(str(contact.pk), contact.purpose, plain["name"], plain["phone"], plain["email"])


def contracts_seen(scope: Scope) -> QuerySet[Contract]:
    """Contracts that the scope may see by viewing or by belonging to one side."""
    queryset = Contract.objects.select_related("principal", "contractor", "main")
    if scope.reach(VIEW).whole:
        return queryset
    own = scope.reach(OWN).organisations | scope.reach(VIEW).organisations
    seen = Q(principal__in=own) | Q(contractor__in=own)
    above = ""
    for _ in range(DEEPEST):
        above += "main__"
        seen |= Q(**{f"{above}contractor__in": own}) | Q(**{f"{above}principal__in": own})
    if scope.reach(VIEW).paths:
        here = areas_seen(scope, VIEW).values("pk")
        seen |= Q(principal__area__in=here) | Q(contractor__area__in=here) | Q(places__area__in=here)
    return queryset.filter(pk__in=Contract.objects.filter(seen).values("pk"))


def contracts_of(scope: Scope, organisation: Organisation) -> QuerySet[Contract]:
    """The contracts of one organisation, on either side."""
    return contracts_seen(scope).filter(Q(principal=organisation) | Q(contractor=organisation))


def filtered_contracts(
    queryset: QuerySet[Contract], text: str, state: str, *, main_only: bool = False
) -> QuerySet[Contract]:
    """Search by number, subject or either side; running, over or all."""
    if text:
        queryset = queryset.filter(
            Q(code__icontains=text)
            | Q(subject__icontains=text)
            | Q(principal__name__icontains=text)
            | Q(contractor__name__icontains=text)
        )
    if state == "over":
        queryset = queryset.filter(ends_on__lt=today())
    elif state != "all":
        queryset = queryset.filter(ends_on__gte=today())
    if main_only:
        queryset = queryset.filter(main__isnull=True)
    return queryset.annotate(sub_count=Count("subs", distinct=True)).order_by("code")


@dataclass(frozen=True)
class ContractNode:
    """A contract in its tree; `passed_on_fen` is what its sub-contracts take."""

    contract: Contract
    depth: int
    passed_on_fen: int
    children: tuple[ContractNode, ...]

    @property
    def own_fen(self) -> int:
        """What the contractor keeps for its own work."""
        return self.contract.amount_fen - self.passed_on_fen

    def lines(self) -> Iterator[ContractNode]:
        """This node and all below, in order of the tree."""
        yield self
        for child in self.children:
            yield from child.lines()


def tree_of(scope: Scope, contract: Contract) -> ContractNode:
    """The whole tree around a contract as far as the scope may see it, from its topmost visible main."""
    visible = contracts_seen(scope)
    top = contract
    while top.main_id and (above := visible.filter(pk=top.main_id).first()):
        top = above
    return _node(top, _below(visible, top), 0)


def _below(visible: QuerySet[Contract], top: Contract) -> dict[int, list[Contract]]:
    """Children by id of their main; one query per level."""
    children: dict[int, list[Contract]] = {}
    level = [top.pk]
    while level:
        found = list(visible.filter(main__in=level))
        for child in found:
            children.setdefault(child.main_id or 0, []).append(child)
        level = [child.pk for child in found]
    return children


def _node(contract: Contract, children: dict[int, list[Contract]], depth: int) -> ContractNode:
    below = children.get(contract.pk, [])
    nodes = tuple(_node(child, children, depth + 1) for child in below)
    return ContractNode(contract, depth, sum(child.amount_fen for child in below), nodes)


def places_of(contract: Contract) -> list[Area]:
    """Where it is carried out, for those who edit it."""
    return [place.area for place in contract.places.select_related("area")]


def places_seen(scope: Scope, contract: Contract) -> list[Area]:
    """Where it is carried out: all of it for its own sides, else the areas that the scope looks after."""
    own = scope.reach(OWN).organisations | scope.reach(VIEW).organisations
    places = contract.places.select_related("area")
    if not _sides(contract) & own:
        places = within(places, scope, VIEW, "area__path")
    return [place.area for place in places]


def places_listed(scope: Scope, contract: Contract) -> list[Area]:
    """The same for lists: from prefetched places, without the sides of main contracts, no query per row."""
    own = scope.reach(OWN).organisations | scope.reach(VIEW).organisations
    everything = bool({contract.principal_id, contract.contractor_id} & own)
    areas = [place.area for place in contract.places.all()]
    return [area for area in areas if everything or scope.reach(VIEW).covers(area.path)]


def _sides(contract: Contract) -> set[int]:
    """Principal and contractor of a contract and of the main contracts above it."""
    found: set[int] = set()
    above: Contract | None = contract
    for _ in range(DEEPEST + 1):
        if above is None:
            break
        found |= {above.principal_id, above.contractor_id}
        above = above.main
    return found


def amount_running(contracts: QuerySet[Contract], day: date) -> int:
    """Fen of the main contracts that run on a day; sub-contracts are inside them."""
    running = contracts.filter(main__isnull=True, starts_on__lte=day, ends_on__gte=day)
    return int(running.order_by().aggregate(total=Sum("amount_fen"))["total"] or 0)


def organisations_by_code(codes: Iterable[str]) -> dict[str, Organisation]:
    """For imports: organisations by code."""
    return {
        body.code: body for body in Organisation.objects.filter(code__in=set(codes)).select_related("area")
    }


def may_edit(scope: Scope, area: Area | None) -> bool:
    """Whether the scope edits what lies at this area; what lies nowhere belongs to the whole district."""
    return _holds(scope, EDIT, area.path if area else None)


@dataclass(frozen=True)
class ServiceSpan:
    """An organisation that serves an area by contract, cut to a period; `days`: without those between two."""

    area_id: int
    organisation_id: int
    from_day: date
    to_day: date
    days: int


SERVING = (Organisation.Kind.SOCIAL_ORGANISATION, Organisation.Kind.CONTRACTOR)


def serving_between(areas: Iterable[Area], first: date, last: date) -> list[ServiceSpan]:
    """Who serves which of these areas by contract in the period; knows no scope (as postings do).

    The holder of the main contract answers for it, whoever is sub-contracted (S45). A contract holds for what
    lies in its places; without places, everywhere.
    """
    rows = Contract.objects.filter(
        main__isnull=True, contractor__kind__in=SERVING, starts_on__lte=last, ends_on__gte=first
    )
    found: dict[tuple[int, int], list[tuple[date, date]]] = {}
    listed = list(areas)
    for contract in rows.prefetch_related("places__area").order_by("starts_on", "pk"):
        paths = tuple(place.area.path for place in contract.places.all())
        span = (max(contract.starts_on, first), min(contract.ends_on, last))
        for area in listed:
            if not paths or area.path.startswith(paths):
                found.setdefault((area.pk, contract.contractor_id), []).append(span)
    return [
        ServiceSpan(area, organisation, min(spans)[0], max(end for _start, end in spans), _days_in(spans))
        for (area, organisation), spans in sorted(found.items())
    ]


def _days_in(spans: Iterable[tuple[date, date]]) -> int:
    """How many days lie in any of them, each once; they come in order of their beginnings."""
    total, reached = 0, date.min
    for start, end in spans:
        total += max(0, (end - max(start, reached)).days + 1)
        reached = max(reached, end + timedelta(days=1))
    return total
