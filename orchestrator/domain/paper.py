"""Papers that stand behind contact: contracts, training, policies, and where a list came from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class PaperKind(StrEnum):
    """What a document on file is."""

    PROCESSOR_CONTRACT = "processor_contract"  # GDPR art. 28: the carrier, a call centre, whoever processes
    VENDOR_CONTRACT = "vendor_contract"  # with whom a list was bought or rented from
    DUE_DILIGENCE = "due_diligence"
    TRAINING = "training"  # of one agent
    POLICY = "policy"  # do-not-call policy, calling script rules …
    BALANCING_TEST = "balancing_test"  # GDPR art. 6(1)(f)
    IMPACT_ASSESSMENT = "impact_assessment"  # GDPR art. 35
    PRIVACY_NOTICE = "privacy_notice"
    OTHER = "other"


OF_A_LIST = frozenset({PaperKind.VENDOR_CONTRACT, PaperKind.DUE_DILIGENCE})  # needed of lists that were not our own
OF_AN_AGENT = frozenset({PaperKind.TRAINING})


class Origin(StrEnum):
    """Whose a list was before it was the seller's."""

    OWN = "own"
    PURCHASED = "purchased"
    RENTED = "rented"
    PARTNER = "partner"
    PUBLIC = "public"

    @property
    def needs_contract(self) -> bool:
        """Whether somebody sold, lent or passed it on, who must have been bound by a contract."""
        return self in {Origin.PURCHASED, Origin.RENTED, Origin.PARTNER}

    @property
    def needs_proof(self) -> bool:
        """Whether the people on it never dealt with the seller, so that each one's consent must be proven."""
        return self is not Origin.OWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A document on file. ``valid_until`` is its last day, None until it is retired."""

    seller_id: str
    kind: PaperKind
    title: str
    valid_from: date
    valid_until: date | None = None
    version: str | None = None
    party: str | None = None
    list_id: int | None = None
    agent_id: str | None = None
    sha256: str = ""
    place: str | None = None  # where the original lies, where it is not kept here
    file_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a list came from. ``source``: where the vendor got the data, which people are told at first contact."""

    origin: Origin
    vendor: str | None = None
    obtained_on: date | None = None
    source: str | None = None
    chain: str | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """A vendor's contract on file and the days on which it is in force."""

    list_id: int | None
    party: str | None
    valid_from: date
    valid_until: date | None

    def binds(self, bought: "Bought", day: date) -> bool:
        """Whether it is about this list, or all of the vendor's, on that day."""
        of_vendor = self.party is not None and self.party == bought.vendor
        about = self.list_id == bought.list_id if self.list_id is not None else of_vendor
        return about and self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """A list that was somebody else's, with the contracts that may be about it."""

    list_id: int
    name: str
    origin: Origin
    vendor: str | None = None
    obtained_on: date | None = None
    source: str | None = None
    contracts: Sequence[Contract] = ()

    def contracted(self, day: date) -> bool:
        """Whether whoever passed it on was bound by a contract that is on file, or nobody had to be."""
        return not self.origin.needs_contract or any(contract.binds(self, day) for contract in self.contracts)
