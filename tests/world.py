"""A small world for pipeline tests: a seller, a campaign, people, and a rulebook of three rules.

Builders name only what matters to the test; the law itself is tested elsewhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, insert, select

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.clock import Clock
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.config_files import load_cadences, load_strategies
from orchestrator.domain.campaign import AttemptsPlan, CampaignPlan, CampaignState, Seller, SmsPlan, VoicePlan
from orchestrator.domain.carrier import AmdMode, Carrier
from orchestrator.domain.contact_request import LineType, Mode, Purpose
from orchestrator.domain.enrollment import Lane
from orchestrator.law import rule_files
from orchestrator.pacing.policy import PacingPolicy
from orchestrator.persistence import agents, campaigns, sellers
from orchestrator.persistence.dossiers import NUMBER, PROFILE
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import consents, contact_points, contacts, number_facts
from orchestrator.pipeline import campaign_board
from orchestrator.pipeline.abandonment import Abandonment
from orchestrator.pipeline.closing import Closings
from orchestrator.pipeline.dispatch import Dispatcher
from orchestrator.pipeline.engine import Engine, LiveCampaign, Waits
from orchestrator.pipeline.pacing_desk import PacingDesk
from orchestrator.pipeline.placement import Placer
from orchestrator.registries.shelf import Shelf

CONFIG = Path(__file__).parent.parent / "config"
NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # a Monday; noon in New York
CALLER_ID = "+12125550100"
SENDER = "+12125550101"
THREE_RULES = """
[[valid_number]]
id = "test.valid"
applies = { jurisdiction = "*", channel = ["voice", "sms"], purpose = "any" }
class = "policy"
citation = "tests"
source = "tests"
effective = 2000-01-01
verified = { on = 2026-11-21, how = "read" }

[[coverage]]
id = "test.coverage"
applies = { jurisdiction = "*", channel = ["voice", "sms"], purpose = "any" }
class = "policy"
citation = "tests"
source = "tests"
effective = 2000-01-01
verified = { on = 2026-11-21, how = "read" }

[[calling_window]]
id = "test.hours"
applies = { jurisdiction = ["US", "GB"], channel = ["voice", "sms"], purpose = "any" }
mon_fri = [["08:00", "21:00"]]
sat = [["08:00", "21:00"]]
sun = [["08:00", "21:00"]]
clock = "called-party"
class = "law"
citation = "tests"
source = "tests"
effective = 2000-01-01
verified = { on = 2026-11-21, how = "read" }

[[suppression]]
id = "test.no-means-no"
applies = { jurisdiction = "*", channel = ["voice", "sms"], purpose = "any" }
kinds = ["do_not_call", "stop_reply", "keypress_opt_out", "objection", "restriction", "erased", "cease_request"]
class = "law"
citation = "tests"
source = "tests"
effective = 2000-01-01
verified = { on = 2026-11-21, how = "read" }

[[frequency_cap]]
id = "test.three-a-day"
applies = { jurisdiction = ["US", "GB"], channel = ["voice", "sms"], purpose = "any" }
max = 3
hours = 24
counts = { channel = ["voice", "sms"] }
class = "law"
citation = "tests"
source = "tests"
effective = 2000-01-01
verified = { on = 2026-11-21, how = "read" }
"""


@cache
def rulebook_of(text: str = THREE_RULES) -> Rulebook:
    """The number plans of config/ with the rules of a test."""
    return Rulebook.parse(files_of(text))


def files_of(text: str = THREE_RULES) -> dict[str, str]:
    """The same as files by name."""
    plans = {name: plan for name, plan in rule_files(CONFIG).items() if name.startswith("numbering/")}
    return {**plans, "rules/test.toml": text}


@dataclass
class World:
    """The pipeline over one store, with a carrier in memory and a clock that the test sets."""

    store: Store
    carrier: Carrier
    now: datetime = NOON
    calls_per_second: float = 1000.0
    waits: Waits = field(default_factory=lambda: Waits(lease=30.0, doubt=0.0, silence=0.0, http=0.0))
    rulebook: Rulebook = field(default_factory=rulebook_of)

    def __post_init__(self) -> None:
        self.engine = Engine(
            store=self.store,
            rulebook=self.rulebook,
            shelf=lambda: Shelf(Path(), ()),
            strategies=load_strategies(CONFIG),
            cadences=load_cadences(CONFIG),
            pacing=PacingPolicy.parse((CONFIG / "pacing.toml").read_text("utf-8")),
            worker="tests",
            account="AC" + "0" * 32,
            calls_per_second=self.calls_per_second,
            segments_per_second=1000.0,
            waits=self.waits,
        )
        clock = _SetClock(lambda: self.now)
        self.placer = Placer(self.store, lambda: self.carrier, clock, self.waits, threads=4)
        abandonment = Abandonment(self.store, self.rulebook)
        self.dispatcher = Dispatcher(self.engine, self.placer, clock, Closings(self.rulebook), abandonment)
        self.pacing = PacingDesk(self.engine)

    def close(self) -> None:
        """Finish what is open."""
        self.placer.close()

    def a_seller(self, seller_id: str = "acme") -> Seller:
        """A seller, once."""
        seller = Seller(id=seller_id, name="Acme Roofing", country="US", callback_number=CALLER_ID)
        with self.store.write() as tx:
            sellers.add(tx, seller, self.now)
        return seller

    def a_campaign(
        self, name: str = "Spring", *, voice: bool = True, sms: bool | SmsPlan = False, **changes: object
    ) -> int:
        """A running campaign."""
        plan = replace(a_plan(name, voice=voice, sms=sms), **changes)  # type: ignore[arg-type]
        self.a_seller(plan.seller)
        with self.store.write() as tx:
            campaign_id = campaigns.create(tx, plan, self.now)
            campaigns.change_state(tx, campaign_id, {CampaignState.DRAFT}, CampaignState.RUNNING, None)
            campaigns.mark_launched(tx, campaign_id, self.now)
        return campaign_id

    def campaign(self, campaign_id: int) -> LiveCampaign:
        """The campaign as the steps see it."""
        with self.store.read() as tx:
            return campaign_board.one(tx, self.engine, campaign_id, self.now)

    def a_contact(
        self,
        numbers: Sequence[str],
        *,
        line_type: LineType = LineType.LANDLINE,
        automated: bool = False,
        texts: bool = False,
        seller: str = "acme",
        **facts: object,
    ) -> int:
        """A person with numbers of one line type, and consents for all of them."""
        profile = {"first_name": "Ada", **{k: v for k, v in facts.items() if k == "postal_code"}}
        values = {
            "seller_id": seller,
            "profile_sealed": self.store.keyring.seal_json(profile, PROFILE),
            "country": facts.get("country", "US"),
            "region": facts.get("region", "NY"),
            "subscriber": "consumer",
            "created_at": self.now,
            "updated_at": self.now,
        }
        with self.store.write() as tx:
            contact_id: int = tx.execute(insert(contacts).values(values).returning(contacts.c.id)).scalar_one()
            for position, number in enumerate(numbers):
                self._add_number(tx, seller, contact_id, position, number, line_type)
                kinds = [("voice", True)] * automated + [("sms", True)] * texts
                for channel, by_machine in kinds:
                    self._add_consent(tx, seller, contact_id, number, channel, by_machine)
        return contact_id

    def _add_number(self, tx, seller, contact_id, position, number, line_type) -> None:  # type: ignore[no-untyped-def]
        key = self.store.keyring.number_key(number)
        row = {
            "seller_id": seller,
            "contact_id": contact_id,
            "number_key": key,
            "number_sealed": self.store.keyring.seal(number, NUMBER),
            "country": "GB" if number.startswith("+44") else "US",
            "position": position,
            "created_at": self.now,
        }
        tx.execute(insert(contact_points).values(row))
        known = tx.execute(select(number_facts.c.number_key).where(number_facts.c.number_key == key)).first()
        if known is None:
            fact = {"number_key": key, "line_type": line_type, "line_type_at": self.now}
            tx.execute(insert(number_facts).values(fact))

    def _add_consent(self, tx, seller, contact_id, number, channel, automated) -> None:  # type: ignore[no-untyped-def]
        row = {
            "seller_id": seller,
            "contact_id": contact_id,
            "number_key": self.store.keyring.number_key(number),
            "event": "given",
            "channel": channel,
            "level": "express_written",
            "automated": automated,
            "happened_at": self.now - timedelta(days=1),
            "recorded_at": self.now,
            "source": "own_form",
            "evidence_sealed": self.store.keyring.seal("the form", "consents.evidence"),
        }
        tx.execute(insert(consents).values(row))

    def enrol(self, campaign_id: int, *contact_ids: int, lane: Lane = Lane.PREDICTIVE) -> None:
        """Everybody due now."""
        rows = [
            {
                "campaign_id": campaign_id,
                "contact_id": contact_id,
                "seller_id": "acme",
                "stage": "due",
                "lane": lane,
                "priority": 5,
                "next_eligible_at": self.now,
                "updated_at": self.now,
            }
            for contact_id in contact_ids
        ]
        with self.store.write() as tx:
            tx.execute(insert(enrollments), rows)

    def an_agent(self, agent_id: str = "kim", queue: str = "sales") -> None:
        """An agent who waits in their conference."""
        with self.store.write() as tx:
            facts = {"name": agent_id, "queue": queue, "address": f"client:{agent_id}", "wrap_up_seconds": 15}
            agents.add(tx, self.store.keyring, agent_id, **facts, now=self.now)  # type: ignore[arg-type]
            agents.ready(tx, agent_id, self.now)

    def dispatch(self, campaign_id: int, lane: Lane = Lane.PREDICTIVE, lines: int = 100) -> int:
        """Dispatch the lane and wait for every receipt; how many attempts were planned."""
        report = self.dispatcher.run_once(self.campaign(campaign_id), lane, lines)
        assert self.placer.drain(30), "receipts are late"
        return report.planned

    def attempts(self) -> Sequence[Record]:
        """Every attempt, oldest first."""
        with self.store.read() as tx:
            return tx.execute(select(attempts).order_by(attempts.c.planned_at, attempts.c.id)).all()

    def enrollment(self, contact_id: int) -> Record:
        """The contact's only enrollment."""
        with self.store.read() as tx:
            return tx.execute(select(enrollments).where(enrollments.c.contact_id == contact_id)).one()

    def attempt(self, attempt_id: UUID) -> Record:
        """One attempt."""
        with self.store.read() as tx:
            return tx.execute(select(attempts).where(attempts.c.id == attempt_id)).one()

    def count(self, table: object) -> int:
        """How many rows."""
        with self.store.read() as tx:
            found: int = tx.execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[arg-type]
        return found


@dataclass(frozen=True)
class _SetClock(Clock):
    """The clock that the test sets."""

    told: Callable[[], datetime] = lambda: NOON

    def __init__(self, told: Callable[[], datetime]) -> None:
        object.__setattr__(self, "start", None)
        object.__setattr__(self, "speed", 1.0)
        object.__setattr__(self, "anchor", None)
        object.__setattr__(self, "told", told)

    def now(self) -> datetime:
        return self.told()


A_TEXT = SmsPlan(
    senders=(SENDER,), templates={"en": "Acme Roofing: {first_name}, your check is due. Reply STOP to opt out."}
)


def a_plan(name: str, *, voice: bool, sms: bool | SmsPlan) -> CampaignPlan:
    """A telemarketing campaign of Acme."""
    return CampaignPlan(
        name=name,
        seller="acme",
        purpose=Purpose.TELEMARKETING,
        lists=(),
        voice=VoicePlan(
            caller_ids=(CALLER_ID,),
            queue="sales",
            information_message="This is Acme Roofing, +1 212 555 0100. Press 9 and we will not call again.",
            mobile_without_consent=Mode.PREVIEW,
            amd=AmdMode.OFF,
        )
        if voice
        else None,
        sms=sms if isinstance(sms, SmsPlan) else A_TEXT if sms else None,
        attempts=AttemptsPlan(cadence="demo"),
    )


def numbers(count: int, start: int = 0) -> list[str]:
    """Fictional New York numbers, a hundred an area code."""
    areas = ("212", "315", "516", "518", "585", "607", "631", "646", "716", "718", "845", "914", "917")
    return [f"+1{areas[n // 100]}55501{n % 100:02d}" for n in range(start, start + count)]


def in_memory(world_now: Callable[[], datetime]) -> InProcessCarrier:
    """A carrier that takes everything."""
    return InProcessCarrier(now=world_now)
