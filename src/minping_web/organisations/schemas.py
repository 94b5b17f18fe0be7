"""What the API says about organisations and contracts. Persons to talk to are not part of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from minping_web.common.rest import Code, Listing, Moment, Paged, Reference, Search, Sent, example, listed
from minping_web.organisations.models import Contract, Organisation

KindWord = Annotated[Organisation.Kind, listed(Organisation.Kind)]
STREET = {"id": 3, "code": "320106001", "name": "东街道"}
OFFICE = {"id": 5, "code": "JD-01", "name": "东街道办事处"}
FIRM = {"id": 9, "code": "SH-01", "name": "公正调查公司"}


class OrganisationOut(Sent):
    """A body that acts in the district; without an area it belongs to the district as a whole."""

    model_config = example(
        id=5, code="JD-01", kind="street_office", name="东街道办事处", area=STREET, parent=None,
        public_phone="025-00000001", valid_from="2024-01-01", valid_to=None,
    )  # fmt: skip

    id: int
    code: str
    kind: str = Field(description="One of the kinds of the filter.")
    name: str
    area: Reference | None
    parent: Reference | None = Field(description="The body that it belongs to.")
    public_phone: str
    valid_from: date | None
    valid_to: date | None = Field(description="Last day.")


class OrganisationList(Listing[OrganisationOut]):
    """One page of organisations."""

    model_config = example(items=[], next=None)


class OrganisationFilters(Paged):
    """Which organisations are wanted."""

    code: Code | None = None
    search: Search = Field("", description="Part of the code or of the name.")
    kind: KindWord | None = None
    state: Literal["active", "ended", "all"] = "active"
    changed_since: Moment | None = None


class ContractReference(Sent):
    """Another contract."""

    id: int
    code: str
    subject: str


class ContractOut(Sent):
    """What a principal has bought from a contractor. Amounts are whole fen."""

    model_config = example(
        id=2, code="HT-2026-001", subject="社区养老服务", principal=OFFICE, contractor=FIRM, main=None,
        starts_on="2026-01-01", ends_on="2026-12-31", amount_fen=50000000,
    )  # fmt: skip

    id: int
    code: str
    subject: str
    principal: Reference
    contractor: Reference
    main: ContractReference | None = Field(description="The contract that this one hangs on.")
    starts_on: date
    ends_on: date = Field(description="Last day.")
    amount_fen: int


class ContractDetail(ContractOut):
    """A contract with its places and the contracts that hang on it."""

    model_config = example(
        id=2, code="HT-2026-001", subject="社区养老服务", principal=OFFICE, contractor=FIRM, main=None,
        starts_on="2026-01-01", ends_on="2026-12-31", amount_fen=50000000, places=[STREET], subs=[],
    )  # fmt: skip

    places: list[Reference] = Field(description="Empty: the whole district.")
    subs: list[ContractReference]

    @classmethod
    def of(cls, contract: Contract, places: list[Reference], subs: list[ContractReference]) -> ContractDetail:
        """With what other queries brought."""
        plain = ContractOut.model_validate(contract).model_dump()
        return cls(**plain, places=places, subs=subs)


class ContractList(Listing[ContractOut]):
    """One page of contracts."""

    model_config = example(items=[], next=None)


class ContractFilters(Paged):
    """Which contracts are wanted."""

    code: Code | None = None
    search: Search = Field("", description="Part of the number, the subject or the name of a side.")
    state: Literal["running", "over", "all"] = "running"
    main_only: bool = Field(False, description="Without sub-contracts.")
    changed_since: Moment | None = None
