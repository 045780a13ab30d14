"""Many texts over real HTTP under every fault, and what must be true of them at the end: a journey's and a bench's."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Table, func, insert, select, update

from orchestrator.domain.campaign import AttemptsPlan
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.enrollment import Lane
from orchestrator.persistence.dossiers import NUMBER, PROFILE
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.columns import real_now
from orchestrator.persistence.tables.people import consents, contact_points, contacts, number_facts, senders
from tests.journeys.invariants import Case, check
from tests.journeys.stage import Stage
from tests.world import A_TEXT, NOON, World

POOL = tuple(f"+1212555019{digit}" for digit in range(5))
# Most get their text, some networks never say so, some numbers are nobody's, some people answer, a few with a no.
POPULATION = """
line_types = { mobile = 0.97, nonFixedVoip = 0.03 }
outcomes = { human = 0.97, failed = 0.03 }
replies = { none = 0.9, stop = 0.06, help = 0.02, text = 0.02 }
reply_delay_seconds = [5.0, 60.0]
no_delivery_report = 0.02
"""
QUICK = "lease=3,doubt=0.2,silence=0.3,http=0.5"  # what no network reports is asked about within ten seconds


def people_to_text(world: World, to: Sequence[str]) -> None:
    """A running campaign that texts each of these numbers, from a pool."""
    once = AttemptsPlan(cadence="demo", per_number=1)  # however long it takes: a second text would be a second attempt
    campaign = world.a_campaign("Texts", voice=False, sms=replace(A_TEXT, senders=POOL), attempts=once)
    with world.store.write() as tx:
        for table, row_of in BY_PERSON.items():
            tx.execute(insert(table), [row_of(world.store.keyring, at + 1, number) for at, number in enumerate(to)])
        tx.execute(insert(senders), [{"address": one, "seller_id": "acme", "created_at": NOON} for one in POOL])
    world.enrol(campaign, *range(1, len(to) + 1), lane=Lane.SMS)


def _contact(keyring: Keyring, contact_id: int, _number: str) -> Mapping[str, object]:
    moments = {"created_at": NOON, "updated_at": NOON}
    profile = keyring.seal_json({"first_name": "Ada"}, PROFILE)
    return {"id": contact_id, "seller_id": "acme", "profile_sealed": profile, "country": "US", **moments}


def _point(keyring: Keyring, contact_id: int, number: str) -> Mapping[str, object]:
    sealed = {"number_key": keyring.number_key(number), "number_sealed": keyring.seal(number, NUMBER)}
    return {"seller_id": "acme", "contact_id": contact_id, "country": "US", "position": 0, "created_at": NOON, **sealed}


def _fact(keyring: Keyring, _contact_id: int, number: str) -> Mapping[str, object]:
    return {"number_key": keyring.number_key(number), "line_type": LineType.MOBILE, "line_type_at": NOON}


def _consent(keyring: Keyring, contact_id: int, number: str) -> Mapping[str, object]:
    return {
        "seller_id": "acme",
        "contact_id": contact_id,
        "number_key": keyring.number_key(number),
        "event": "given",
        "channel": "sms",
        "level": "express_written",
        "automated": True,
        "happened_at": NOON - timedelta(days=1),
        "recorded_at": NOON,
        "source": "own_form",
        "evidence_sealed": keyring.seal("the form", "consents.evidence"),
    }


BY_PERSON: Mapping[Table, Callable[[Keyring, int, str], Mapping[str, object]]] = {
    contacts: _contact,
    contact_points: _point,
    number_facts: _fact,
    consents: _consent,
}


def kill_workers(stage: Stage, kills: int, each_after: int, chance: random.Random) -> None:
    """Let so many workers die by SIGKILL, each a while after it has begun to plan texts."""
    for _ in range(kills):
        since, wanted = stage.clock.now(), chance.randint(1, each_after)
        with stage.mortal_worker():
            stage.until(lambda since=since, wanted=wanted: planned(stage, since) >= wanted, f"{wanted} plans")  # type: ignore[misc]


def planned(stage: Stage, since: datetime) -> int:
    """How many attempts were written since then."""
    with stage.store.read() as tx:
        query = select(func.count()).select_from(attempts).where(attempts.c.planned_at >= since)
        return int(tx.execute(query).scalar_one())


def ask_about_delivery_now(stage: Stage) -> None:
    """Ask at once whether texts have arrived that a killed worker's receipt would have asked about sooner."""
    later = (attempts.c.outcome == "sent") & (attempts.c.rescue_at > real_now(10.0))
    with stage.store.write() as tx:
        tx.execute(update(attempts).where(later).values(rescue_at=real_now()))


def check_texts(stage: Stage, to: Sequence[str]) -> Case:
    """Fail where somebody was texted twice, or a text is not at its end, by the carrier's own record."""
    case = check(stage.store, stage.report())
    broken = [*_texted_twice(case), *_without_an_end(case), *_unheard_of(case, to)]
    assert not broken, broken[:20]
    return case


def _texted_twice(case: Case) -> Iterator[str]:
    for number, texts in Counter(row["to"] for row in case.outbound).items():
        if texts > 1:
            yield f"{number} was texted {texts} times"


def _without_an_end(case: Case) -> Iterator[str]:
    for row in case.outbound:
        if row["status"] not in {"sent", "delivered", "undelivered", "failed", "canceled"}:
            yield f"{row['sid']} is {row['status']} at the carrier"


def _unheard_of(case: Case, to: Sequence[str]) -> Iterator[str]:
    missing = set(to) - {row["to"] for row in case.outbound}
    if missing:
        yield f"{len(missing)} were never texted, as {min(missing)}"
