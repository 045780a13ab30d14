"""What papers about a seller's processing take from settings and configuration."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestrator.bootstrap import House
    from orchestrator.domain.retention_periods import Period
    from orchestrator.pipeline.accountability.facts import Surroundings


def surroundings(house: "House") -> "Surroundings":
    """The rulebook in force, retention as configured, and the measures that are on now."""
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
        periods=_periods(),
    )


def _periods() -> "tuple[Period, ...] | None":
    from orchestrator.domain.retention_periods import read_periods
    from orchestrator.settings import config_dir

    path = config_dir() / "retention.toml"
    return read_periods(path.read_text("utf-8")) if path.is_file() else None
