"""What each role may do: permissions as names, bound by the grant to an area, an organisation or oneself.

One table, read top to bottom. The tests hold a policy written by hand from the requirements and compare.
"""

from __future__ import annotations

from typing import Literal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

class Role(TextChoices):
    """The roles of a deployment. What each may do stands in `PERMISSIONS_OF`."""

    ADMINISTRATOR = "administrator", _("Administrator")
    DISTRICT_BUREAU = "district_bureau", _("District bureau")
    STREET_STAFF = "street_staff", _("Street staff")
    COMMUNITY_STAFF = "community_staff", _("Community staff")
    WORKER = "worker", _("Community worker")
    SURVEY_MANAGER = "survey_manager", _("Survey manager")
    SUPERVISOR = "supervisor", _("Field supervisor")
    INTERVIEWER = "interviewer", _("Interviewer")
    PHONE_AGENT = "phone_agent", _("Phone agent")
    AUDITOR = "auditor", _("Auditor")
    DISPATCHER = "dispatcher", _("Dispatcher")
    OFFICE_CLERK = "office_clerk", _("Office clerk")
    OFFICE_LEADER = "office_leader", _("Office leader")
    EXPERT = "expert", _("Appraiser (expert)")
    PEER = "peer", _("Appraiser (peer)")
    REPRESENTATIVE = "representative", _("Appraiser (representative)")
    ORGANISATION_USER = "organisation_user", _("Organisation user")
    RESIDENT_REPRESENTATIVE = "resident_representative", _("Resident representative")


Binding = Literal["district", "area", "organisation", "self"]
"""Where a grant of the role holds: everywhere, below its area, in its organisation, for the user alone."""

BINDING_OF: dict[Role, Binding] = {
    Role.ADMINISTRATOR: "district",
    Role.DISTRICT_BUREAU: "district",
    Role.STREET_STAFF: "area",
    Role.COMMUNITY_STAFF: "area",
    Role.WORKER: "self",
    Role.SURVEY_MANAGER: "district",
    Role.SUPERVISOR: "area",
    Role.INTERVIEWER: "area",
    Role.PHONE_AGENT: "area",
    Role.AUDITOR: "district",
    Role.DISPATCHER: "area",
    Role.OFFICE_CLERK: "organisation",
    Role.OFFICE_LEADER: "organisation",
    Role.EXPERT: "self",
    Role.PEER: "self",
    Role.REPRESENTATIVE: "area",
    Role.ORGANISATION_USER: "organisation",
    Role.RESIDENT_REPRESENTATIVE: "area",
}

PERMISSIONS_OF: dict[Role, frozenset[str]] = {
    Role.ADMINISTRATOR: frozenset(
        {
            "places.view", "places.edit", "people.view", "organisations.view", "organisations.edit",
            "access.view", "access.grant", "accounts.view", "accounts.edit", "jobs.view", "ledger.view",
            "keys.rotate", "api_keys.edit", "approval.view",
        }
    ),
    Role.DISTRICT_BUREAU: frozenset(
        {
            "places.view", "places.edit", "people.view", "people.edit", "people.contact",
            "organisations.view", "organisations.edit", "access.view", "access.grant", "accounts.view",
            "frames.view", "frames.edit", "frames.seal", "frames.requests", "jobs.view", "ledger.view",
            "approval.view",
        }
    ),
    Role.STREET_STAFF: frozenset(
        {"places.view", "places.edit", "people.view", "people.edit", "people.contact", "organisations.view",
         "frames.view", "jobs.view"}
    ),
    Role.COMMUNITY_STAFF: frozenset({"places.view", "people.view", "people.contact", "organisations.view", "frames.view"}),
    Role.WORKER: frozenset({"people.own"}),
    Role.SURVEY_MANAGER: frozenset(
        {"places.view", "people.view", "organisations.view", "frames.view", "frames.contacts", "frames.export",
         "frames.edit", "jobs.view", "approval.view"}
    ),
    Role.SUPERVISOR: frozenset({"places.view", "frames.view", "frames.contacts"}),
    Role.INTERVIEWER: frozenset({"places.view"}),
    Role.PHONE_AGENT: frozenset({"places.view"}),
    Role.AUDITOR: frozenset(
        {"places.view", "people.view", "organisations.view", "access.view", "accounts.view", "frames.view",
         "frames.log", "jobs.view", "ledger.view", "approval.view"}
    ),
    Role.DISPATCHER: frozenset({"places.view", "organisations.view"}),
    Role.OFFICE_CLERK: frozenset({"organisations.own"}),
    Role.OFFICE_LEADER: frozenset({"organisations.own"}),
    Role.EXPERT: frozenset({"people.own"}),
    Role.PEER: frozenset({"people.own"}),
    Role.REPRESENTATIVE: frozenset({"places.view"}),
    Role.ORGANISATION_USER: frozenset({"organisations.own"}),
    Role.RESIDENT_REPRESENTATIVE: frozenset({"places.view"}),
}  # fmt: skip

CONTACT_PERMISSIONS = frozenset({"frames.contacts", "frames.export", "frames.requests", "frames.edit", "frames.view"})
"""Permissions whose reach opens rows of households; the database's backstop follows their union."""
