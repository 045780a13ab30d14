"""What carriers are likely to hold against a campaign's texts, said before the launch; none of it stops one."""

from collections.abc import Collection, Iterator
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import Connection

from orchestrator.domain.campaign import SmsPlan
from orchestrator.domain.message_text import links_in
from orchestrator.domain.message_variants import fallback_of
from orchestrator.domain.text_sender import SenderType, TextSender, type_of
from orchestrator.persistence import text_senders
from orchestrator.pipeline.engine import Engine
from orchestrator.pipeline.sender_pool import addresses_of, capacity
from orchestrator.strategies.sender_policy import SenderPolicy

REGISTERED = frozenset({SenderType.TEN_DLC, SenderType.TOLL_FREE, SenderType.SHORT_CODE, SenderType.SERVICE})


def warnings(
    tx: Connection, engine: Engine, sms: SmsPlan, countries: Collection[str], segments: int, now: datetime
) -> list[str]:
    """Every warning in a sentence; ``segments`` are those of the whole campaign, estimated."""
    senders = list(text_senders.standing(tx, addresses_of(sms), now).values())
    found = [*_links(sms, engine.senders), *_languages(sms)]
    for sender in senders:
        found += _of_sender(sender, countries, engine.senders)
    rate = capacity(tx, engine, sms, now)
    if rate <= 0:
        found.append("Every sender of its texts rests; `orchestrator senders list` says why.")
    elif segments:
        found.append(f"Its senders let out {a_second(rate)}: {lasting(segments / rate)} for all of it.")
    return found


def _links(sms: SmsPlan, policy: SenderPolicy) -> Iterator[str]:
    texts = (text for templates in sms.every_message.values() for text in templates.values())
    links = dict.fromkeys(link for text in texts for link in links_in(text))
    for link in links:
        host = (urlsplit(link).hostname or "").removeprefix("www.")
        if host in policy.links.shorteners:
            yield (
                f"{link}: carriers filter public link shorteners; write the whole address, or let a messaging service "
                "shorten it on your own domain (sms.shorten_links = true)."
            )


def _languages(sms: SmsPlan) -> Iterator[str]:
    for name, templates in sms.every_message.items():
        label = "sms.templates" if name is None else f"sms.messages.{name}"
        if len(templates) > 1:
            known = ", ".join(sorted(templates))
            yield f"{label} is there in {known}; whoever speaks none of these gets {fallback_of(templates)}."


def _of_sender(sender: TextSender, countries: Collection[str], policy: SenderPolicy) -> Iterator[str]:
    kind = sender.type or type_of(sender.address)
    if sender.rest is not None:
        yield f"{sender.address} rests, {sender.rest.kind}: {sender.rest.reason}."
    if kind is not None and not policy.answers(kind):
        yield f"{sender.address} cannot be answered: a text from it must name another way out than a reply."
    if "US" in countries and kind not in REGISTERED:
        yield (
            f"{sender.address} is not known to be registered for US texts, which carriers refuse then (error 30034); "
            f"once it is: orchestrator senders set {sender.address} --type 10dlc"
        )


def a_second(rate: float) -> str:
    """A rate in words."""
    return "one segment a second" if rate == 1 else f"{rate:g} segments a second"


def lasting(seconds: float) -> str:
    """About how long, in the unit that people would say it in."""
    if seconds < 1.5:
        return "about a second"
    if seconds < 120:
        return f"about {round(seconds)} seconds"
    return f"about {round(seconds / 60):,} minutes" if seconds < 7200 else f"about {seconds / 3600:,.1f} hours"
