"""One invented account per role: who it is, where the role is bound, what it does here.

The names are invented; nobody of these exists. User names begin with `demo-`, and entering without a
password looks the account up in this list, so no other account can be entered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from minping_web.access.rules import Role

Bound = Literal["district", "street", "community", "worker", "office", "contractor"]
"""Where the seed binds the account's role; "worker" also makes the user one of the invented workers."""

DISTRICT_CODE, STREET_CODE, COMMUNITY_CODE = "320106", "320106013", "320106013004"
"""Where accounts of one street and one community are bound: the story's community of the engine's demo."""


@dataclass(frozen=True)
class DemoAccount:
    """One card of the start page."""

    role: Role
    name: str
    bound: Bound
    group: str | Promise
    does: str | Promise
    number: int = 1
    """The second of a role is there for acts that take two persons of it."""

    @property
    def key(self) -> str:
        """What the start page enters it by."""
        return self.role.value if self.number == 1 else f"{self.role.value}-{self.number}"

    @property
    def username(self) -> str:
        """Of the account."""
        return f"demo-{self.key.replace('_', '-')}"


_DISTRICT, _PLACES = pgettext_lazy("roles", "District"), _("Streets and communities")
_SURVEY, _OFFICES, _RATERS = _("Survey firm and audit"), _("Offices and firms"), _("Appraisers and residents")

ACCOUNTS = (
    DemoAccount(
        Role.DISTRICT_BUREAU, "沈明远", "district", _DISTRICT,
        _("Keeps areas, people and organisations of the whole district and seals the frame of households."),
    ),
    DemoAccount(
        Role.DISTRICT_BUREAU, "骆其昌", "district", _DISTRICT,
        _("The bureau's second person: approves what the first one proposes, such as fixing a round."), 2,
    ),
    DemoAccount(
        Role.DISTRICT_BUREAU, "潘书勤", "district", _DISTRICT,
        _("The bureau's third person: money is prepared by one and signed by two others."), 3,
    ),
    DemoAccount(
        Role.ADMINISTRATOR, "纪文澜", "district", _DISTRICT,
        _("Opens and closes accounts, grants roles together with a second person; sees no household."),
    ),
    DemoAccount(
        Role.DISPATCHER, "贺青禾", "district", _DISTRICT,
        _("Will send residents' matters to the office that must act."),
    ),
    DemoAccount(
        Role.STREET_STAFF, "陶季平", "street", _PLACES,
        _("Keeps grids, postings and handovers of one street office."),
    ),
    DemoAccount(
        Role.COMMUNITY_STAFF, "柳知秋", "community", _PLACES,
        _("Sees grids and colleagues of one community; sees no household and no sample."),
    ),
    DemoAccount(
        Role.WORKER, "苏禾宁", "worker", _PLACES,
        _("Sees the own postings and certificates and may ask for a correction. No check-ins, no tracks."),
    ),
    DemoAccount(
        Role.SURVEY_MANAGER, "顾怀瑾", "district", _SURVEY,
        _("Loads households and units, looks after coverage; contacts only with a reason, and logged."),
    ),
    DemoAccount(
        Role.SUPERVISOR, "严若谷", "street", _SURVEY,
        _("Guides fieldwork in one street."),
    ),
    DemoAccount(
        Role.INTERVIEWER, "方小满", "community", _SURVEY,
        _("Will visit households that were drawn by lot."),
    ),
    DemoAccount(
        Role.PHONE_AGENT, "安可言", "street", _SURVEY,
        _("Will telephone with households that were drawn by lot."),
    ),
    DemoAccount(
        Role.AUDITOR, "裴正则", "district", _SURVEY,
        _("Reads everything but contacts: grants, log of access, ledger."),
    ),
    DemoAccount(
        Role.OFFICE_CLERK, "毛一诺", "office", _OFFICES,
        _("Works for one department and sees its own page."),
    ),
    DemoAccount(
        Role.OFFICE_LEADER, "秦守正", "office", _OFFICES,
        _("Answers for one department and sees its own page."),
    ),
    DemoAccount(
        Role.ORGANISATION_USER, "万里程", "contractor", _OFFICES,
        _("Sees the own firm's contracts and sub-contracts."),
    ),
    DemoAccount(
        Role.EXPERT, "温故之", "district", _RATERS,
        _("Will appraise with marks, independently of the offices."),
    ),
    DemoAccount(
        Role.PEER, "季云帆", "community", _RATERS,
        _("Will appraise colleagues of other communities."),
    ),
    DemoAccount(
        Role.REPRESENTATIVE, "邹念慈", "street", _RATERS,
        _("Will appraise for the residents of one street."),
    ),
    DemoAccount(
        Role.RESIDENT_REPRESENTATIVE, "田守望", "community", _RATERS,
        _("Speaks for the residents of one community."),
    ),
)  # fmt: skip


def account_of(key: str) -> DemoAccount | None:
    """The account of a role, or the second one of it; None for a word that is none."""
    return next((account for account in ACCOUNTS if account.key == key), None)


def groups() -> list[tuple[str | Promise, list[DemoAccount]]]:
    """Accounts by group, in order."""
    found: dict[int, tuple[str | Promise, list[DemoAccount]]] = {}
    for account in ACCOUNTS:
        found.setdefault(id(account.group), (account.group, []))[1].append(account)
    return list(found.values())
