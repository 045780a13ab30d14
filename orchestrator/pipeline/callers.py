"""What is known of each caller id, and rests by hand: `orchestrator callers`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from orchestrator.compliance.jurisdiction import PlaceFinder
from orchestrator.domain.caller_id import CallerDay, CallerRest, CallerStanding
from orchestrator.domain.campaign import VoicePlan
from orchestrator.domain.errors import UserError
from orchestrator.log import log
from orchestrator.persistence import actions, callers, sellers
from orchestrator.persistence.enrollment_holds import free_of_callers
from orchestrator.persistence.store import Store
from orchestrator.pipeline.caller_pool import zone_of
from orchestrator.strategies.answer_rates import Rate, rate
from orchestrator.strategies.caller_policy import CallerPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerForm:
    """One number as people are told it. ``recent`` are the last days of the policy, ``levels`` theirs from A to C."""

    seller_id: str
    standing: CallerStanding
    cap: int | None
    placed_today: int
    recent: Rate
    levels: tuple[int, int, int]


def numbers(tx: Connection) -> Mapping[str, str]:
    """The numbers that calls may show, each with its seller; messaging services are none."""
    return {address: seller for address, seller in sellers.holders(tx).items() if address.startswith("+")}


def forms(store: Store, places: PlaceFinder, policy: CallerPolicy, now: datetime) -> list[CallerForm]:
    """Every number with its standing, its calls today and how it fared lately, by seller and number."""
    first = (now - timedelta(days=policy.answers.recent_days)).date()
    with store.read() as tx:
        held = numbers(tx)
        standing = callers.standing(tx, held, now)
        days = callers.days_since(tx, held, first)
    return [_form(held[address], standing[address], days[address], places, policy, now) for address in held]


def _form(
    seller_id: str,
    standing: CallerStanding,
    days: list[CallerDay],
    places: PlaceFinder,
    policy: CallerPolicy,
    now: datetime,
) -> CallerForm:
    today = now.astimezone(zone_of(places, standing.address)).date()
    recent = [day for day in days if day.on > today - timedelta(days=policy.answers.recent_days)]
    a, b, c = (sum(day.levels[level] for day in recent) for level in range(3))
    return CallerForm(
        seller_id=seller_id,
        standing=standing,
        cap=standing.daily_cap or policy.daily_cap,
        placed_today=sum(day.placed for day in days if day.on == today),
        recent=rate(recent),
        levels=(a, b, c),
    )


def resting(tx: Connection, voice: VoicePlan | None, now: datetime) -> list[str]:
    """Which of the campaign's numbers rest, each with why and until when."""
    pool = voice.caller_ids if voice is not None else ()
    rests = [standing.rest for standing in callers.standing(tx, pool, now).values() if standing.rest is not None]
    return [f"{rest.address} rests {until_words(rest)}, {rest.kind}: {rest.reason}" for rest in rests]


def until_words(rest: CallerRest) -> str:
    """Until when it rests, in words."""
    return f"until {rest.until:%Y-%m-%d %H:%M} UTC" if rest.until is not None else "until it is used again"


def rest(store: Store, wanted: CallerRest) -> None:
    """Let the number rest; raises UserError where it is none of ours, or rests already."""
    with store.write() as tx:
        require(tx, wanted.address)
        if not callers.rest(tx, wanted):
            raise UserError(f"{wanted.address} rests already; `orchestrator callers list` says why and until when.")
        _note(tx, wanted.address, "caller id rests", wanted.by, wanted.since, why=wanted.reason)
    alert(wanted)


def use(store: Store, address: str, by: str, now: datetime) -> int:
    """End the number's rest, and ask again about whoever waited for a caller id: how many. Raises UserError."""
    with store.write() as tx:
        require(tx, address)
        if not callers.use(tx, address, now):
            raise UserError(f"{address} does not rest, so nothing was changed.")
        _note(tx, address, "caller id in use again", by, now)
    return free_of_callers(store, now)


def cap(store: Store, address: str, daily_cap: int | None, by: str, now: datetime) -> int:
    """Set the number's own cap, and ask again about whoever waited for a caller id: how many. Raises UserError."""
    with store.write() as tx:
        require(tx, address)
        callers.set_cap(tx, address, daily_cap)
        _note(tx, address, "caller id capped", by, now, daily_cap=daily_cap)
    return free_of_callers(store, now)


def _note(tx: Connection, address: str, action: str, by: str, now: datetime, **what: object) -> None:
    actions.setting(tx, actions.of_sender(address), action, by, now, numbers(tx)[address], **what)


def require(tx: Connection, address: str) -> None:
    """Raise UserError for a number that no seller holds."""
    known: Collection[str] = numbers(tx)
    if address not in known:
        listed = ", ".join(known) or "none yet; a campaign that names them makes them known"
        raise UserError(f"{address} is no caller id of this installation; there are {listed}.")


def alert(rest: CallerRest) -> None:
    """Say in the log that a number rests, which its row in the database says too."""
    until = rest.until.isoformat(timespec="seconds") if rest.until is not None else None
    log.warning("caller_id.rests", caller_id=rest.address, kind=rest.kind, reason=rest.reason, rests_until=until)
