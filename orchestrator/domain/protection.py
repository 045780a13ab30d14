"""Who answers for the protection of a seller's data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """What a seller has named; None where nobody has said. Names and contacts are personal data.

    ``is_another_firm``: people are contacted on behalf of somebody else, who is their controller.
    """

    officer: str | None = None
    officer_contact: str | None = None
    address: str | None = None
    authority: str | None = None
    eu_representative: str | None = None
    uk_representative: str | None = None
    time_zone: str | None = None
    language: str | None = None
    is_another_firm: bool | None = None
