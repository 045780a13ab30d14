"""Senders of texts as people keep them: `orchestrator senders`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from orchestrator.domain.campaign import SmsPlan
from orchestrator.domain.errors import UserError
from orchestrator.domain.text_sender import SenderRest, SenderType, TextSender, type_of
from orchestrator.persistence import actions, campaigns, sellers, sender_rests, text_senders
from orchestrator.persistence.enrollment_holds import free_of_senders
from orchestrator.persistence.store import Store
from orchestrator.pipeline.sender_pool import addresses_of, brand_day, sender_day
from orchestrator.pipeline.text_health import alert
from orchestrator.strategies.sender_policy import SenderPolicy

LONGEST_BRAND = 64
OF_NUMBERS = frozenset({SenderType.LONG_CODE, SenderType.TEN_DLC, SenderType.INTERNATIONAL, SenderType.TOLL_FREE})


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderForm:
    """One sender as people are told it; ``rate`` None: the setting's. Segments are of today, by the file's day."""

    sender: TextSender
    rate: float | None
    segments_today: int
    brand_cap: int | None = None
    brand_today: int = 0


def add(store: Store, sender: TextSender, by: str, now: datetime) -> TextSender:
    """Bind the sender to its seller with what is known of it; raises UserError where that cannot be."""
    found = replace(sender, type=_type(sender))
    _require_brand(sender.brand)
    with store.write() as tx:
        sellers.require(tx, sender.seller_id)
        if text_senders.standing(tx, [sender.address], now)[sender.address].type is not None:
            raise UserError(f"{sender.address} is known already; change it with `orchestrator senders set`.")
        sellers.claim_senders(tx, sender.seller_id, [sender.address], now)
        _require_service(tx, found, now)
        text_senders.keep(tx, found, now)
        _note(tx, found, "sender added", by, now, **_told(asdict(found)))
    return found


def change(store: Store, address: str, given: Mapping[str, object], by: str, now: datetime) -> TextSender:
    """Change what is ``given`` of a sender, and ask again about whoever waits for one; raises UserError."""
    with store.write() as tx:
        known = require(tx, address, now)
        found = replace(known, **given)  # type: ignore[arg-type]
        found = replace(found, type=_type(found))
        _require_brand(found.brand)
        _require_service(tx, found, now)
        text_senders.keep(tx, found, now)
        _note(tx, found, "sender changed", by, now, **_told(given))
    free_of_senders(store, now)
    return found


def _note(tx: Connection, sender: TextSender, action: str, by: str, now: datetime, **what: object) -> None:
    actions.setting(tx, actions.of_sender(sender.address), action, by, now, sender.seller_id, **what)


def _told(fields: Mapping[str, object]) -> dict[str, object]:
    """What was said of a sender, as it is kept on record."""
    kept = {"type", "segments_per_second", "daily_segments", "brand", "service", "stops_by"}
    return {name: value for name, value in fields.items() if name in kept}


def _type(sender: TextSender) -> SenderType:
    """The type that was said, where the address can be one; else what the address looks like."""
    looks = type_of(sender.address)
    if looks is None:
        raise UserError(
            f"'{sender.address}' can send no texts; give a number as in +12125550101, a short code, a name of at most "
            "11 letters and digits, or a messaging service (MG…)."
        )
    if sender.type is None or sender.type is looks or {sender.type, looks} <= OF_NUMBERS:
        return sender.type or looks
    raise UserError(f"{sender.address} is no {sender.type}: it looks like {looks}.")


def _require_brand(name: str | None) -> None:
    if name is not None and (not name.isprintable() or name != name.strip() or not 0 < len(name) <= LONGEST_BRAND):
        raise UserError(f"A brand is a name of at most {LONGEST_BRAND} printed characters, not '{name}'.")


def _require_service(tx: Connection, sender: TextSender, now: datetime) -> None:
    if sender.service is None:
        return
    holder = text_senders.standing(tx, [sender.service], now)[sender.service].seller_id
    if type_of(sender.service) is not SenderType.SERVICE or holder not in {"", sender.seller_id}:
        raise UserError(f"--service: '{sender.service}' is no messaging service of seller '{sender.seller_id}'.")


def require(tx: Connection, address: str, now: datetime) -> TextSender:
    """The sender; raises UserError for one that no seller holds."""
    found = text_senders.standing(tx, [address], now)[address]
    if not found.seller_id:
        raise UserError(
            f"{address} is no sender of this installation; `orchestrator senders add {address} --seller …`."
        )
    return found


def forms(store: Store, policy: SenderPolicy, fallback: float, now: datetime) -> list[SenderForm]:
    """Every sender that is known or that a campaign texts from, by seller and address."""
    with store.read() as tx:
        plans = [campaign.plan.sms for campaign in campaigns.every(tx) if campaign.plan.sms is not None]
        texting = {address for sms in plans for address in addresses_of(sms)}
        found = text_senders.standing(tx, list(sellers.holders(tx)), now).values()
        shown = [sender for sender in found if sender.type is not None or sender.address in texting]
        caps = {seller_id: text_senders.brand_caps(tx, seller_id) for seller_id in {one.seller_id for one in shown}}
        keys = {key for sender in shown for key in (sender_day(sender.address), brand_day(sender)) if key}
        today = text_senders.days(tx, keys, policy.day.of(now))
    return [_form(sender, caps[sender.seller_id], today, policy, fallback) for sender in shown]


def _form(
    sender: TextSender, caps: Mapping[str, int], today: Mapping[str, int], policy: SenderPolicy, fallback: float
) -> SenderForm:
    return SenderForm(
        sender=sender,
        rate=policy.rate_of(sender, fallback),
        segments_today=today.get(sender_day(sender.address), 0),
        brand_cap=caps.get(sender.brand or ""),
        brand_today=today.get(brand_day(sender) or "", 0),
    )


def rest(store: Store, wanted: SenderRest) -> None:
    """Let the sender rest; raises UserError where it is none of ours, or rests already."""
    with store.write() as tx:
        sender = require(tx, wanted.address, wanted.since)
        if not sender_rests.rest(tx, wanted):
            raise UserError(f"{wanted.address} rests already; `orchestrator senders list` says why and until when.")
        _note(tx, sender, "sender rests", wanted.by, wanted.since, why=wanted.reason)
    alert(wanted)


def use(store: Store, address: str, by: str, now: datetime) -> int:
    """End the sender's rest, and ask again about whoever waited for a sender: how many. Raises UserError."""
    with store.write() as tx:
        sender = require(tx, address, now)
        if not sender_rests.use(tx, address, now):
            raise UserError(f"{address} does not rest, so nothing was changed.")
        _note(tx, sender, "sender in use again", by, now)
    return free_of_senders(store, now)


def cap_brand(store: Store, seller_id: str, name: str, daily_segments: int | None, by: str, now: datetime) -> int:
    """Set what a brand sends a day; None: no cap. How many people who waited are asked about again."""
    _require_brand(name)
    with store.write() as tx:
        sellers.require(tx, seller_id)
        text_senders.cap_brand(tx, seller_id, name, daily_segments)
        what = {"brand": name, "daily_segments": daily_segments}
        actions.setting(tx, actions.of_seller(seller_id), "brand capped", by, now, seller_id, **what)
    return free_of_senders(store, now)


def resting(tx: Connection, sms: SmsPlan | None, now: datetime) -> list[str]:
    """Which of the campaign's senders rest, each with why and until when."""
    rests = sender_rests.open_now(tx, addresses_of(sms) if sms is not None else (), now).values()
    return [f"{one.address} rests {until_words(one)}, {one.kind}: {one.reason}" for one in rests]


def until_words(rest: SenderRest) -> str:
    """Until when it rests, in words."""
    return f"until {rest.until:%Y-%m-%d %H:%M} UTC" if rest.until is not None else "until it is used again"
