"""What papers about a seller's processing take from settings and configuration."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestrator.bootstrap import House
    from orchestrator.domain.retention_periods import Period
    from orchestrator.pipeline.accountability.facts import Surroundings


def surroundings(house: "House", seller_id: str) -> "Surroundings":
    """The rulebook in force, retention as it holds for the seller today, and the measures that are on now."""
    from orchestrator.installation import sqlite_file
    from orchestrator.pipeline.accountability.facts import Surroundings
    from orchestrator.pipeline.accountability.measures import Around, measures

    settings, standing = house.settings, house.standing
    around = Around(
        file=sqlite_file(settings.database_url),
        keys_beside=settings.secret_keys is None,
        public_url=settings.public_url,
        carrier_url=settings.twilio_api_url,
    )
    on, off = measures(house.store, around)
    accepted = standing.acceptance
    return Surroundings(
        rulebook=accepted.digest,
        accepted=f"{accepted.accepted_at:%Y-%m-%d} by {accepted.accepted_by}",
        uses_carrier=settings.account_sid is not None,
        measures=on,
        missing_measures=off,
        periods=_periods(house, seller_id),
    )


def _periods(house: "House", seller_id: str) -> "tuple[Period, ...] | None":
    from orchestrator.compliance.retention_law import FILE
    from orchestrator.compliance.retention_shown import periods_of
    from orchestrator.config_files import load_retention
    from orchestrator.settings import config_dir

    if not (config_dir() / FILE).exists():
        return None
    return periods_of(load_retention(), house.clock.now().date(), seller_id)
