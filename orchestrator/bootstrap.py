"""The only place that builds things: settings -> store, carrier, rulebook, clock."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.clock import Clock
from orchestrator.config_files import (
    load_cadences,
    load_caller_policy,
    load_pacing,
    load_rights,
    load_sender_policy,
    load_strategies,
)
from orchestrator.domain.carrier import Carrier
from orchestrator.domain.carrier_lists import CarrierLists
from orchestrator.domain.errors import SettingError, UserError
from orchestrator.domain.task_routing import TaskRouter
from orchestrator.installation import keyring_of, open_store, prove, say, sqlite_file
from orchestrator.law import rule_files
from orchestrator.persistence import migrate
from orchestrator.persistence.store import Store, open_engine
from orchestrator.settings import Settings, config_dir, load

if TYPE_CHECKING:
    from orchestrator.compliance.rulebook import Rulebook
    from orchestrator.persistence.noes import Noes
    from orchestrator.pipeline.conversations import AnswerDesk
    from orchestrator.pipeline.dispatch import Dispatcher
    from orchestrator.pipeline.engine import Engine
    from orchestrator.pipeline.law_in_force import Offered, Standing
    from orchestrator.pipeline.law_watch import LawWatch


@dataclass(frozen=True)
class House:
    """Everything that a command may need; each part is built when first asked for."""

    settings: Settings
    may_make: bool = False  # a database where there is none: only for commands that begin an installation

    @property
    def clock(self) -> Clock:
        """The world's clock."""
        return self.settings.clock

    @cached_property
    def store(self) -> Store:
        """The migrated database under the right keys, in which whoever was erased stays so.

        Raises SettingError, WrongKeyError or UserError.
        """
        store = open_store(self.settings, may_make=self.may_make)
        replay_erasures(store, self.settings)
        return store

    @cached_property
    def standing(self) -> "Standing":
        """Which rulebook is in force; the first of an empty database is accepted by itself."""
        from orchestrator.pipeline.law_in_force import standing

        return standing(self.store, offered_rules(config_dir()), self.clock.now())

    @property
    def rulebook(self) -> "Rulebook":
        """The law as it was accepted, which config/ may have left behind."""
        return self.standing.rulebook

    @cached_property
    def carrier(self) -> Carrier:
        """Twilio, or whatever speaks its API at ORCHESTRATOR_TWILIO_API_URL."""
        from orchestrator.carrier.client import connect  # twilio takes a second to import

        self.settings.require("account_sid", "auth_token", "public_url")
        return connect(self.settings)

    @cached_property
    def carrier_lists(self) -> CarrierLists:
        """The carrier's lists of deactivated numbers and of consents."""
        from orchestrator.carrier.lists import lists_of

        return lists_of(self.settings)

    @cached_property
    def task_router(self) -> TaskRouter | None:
        """The workspace of ORCHESTRATOR_TASKROUTER_WORKSPACE; None where none is set."""
        from orchestrator.carrier.task_router import connect_task_router

        return connect_task_router(self.settings)

    @cached_property
    def registries_dir(self) -> Path:
        """Where do-not-call snapshots lie: ORCHESTRATOR_REGISTRIES_DIR, else beside the SQLite file."""
        return registries_dir(self.settings)


def build(*, may_make: bool = False) -> House:
    """The house as the environment describes it; with ``may_make`` an empty database is made where there is none."""
    return House(load(), may_make)


def build_engine(house: House, worker: str) -> "Engine":
    """What the steps of the pipeline share."""
    from orchestrator.pipeline.engine import Engine, Waits
    from orchestrator.pipeline.scrub import load_shelf

    settings, folder = house.settings, house.registries_dir
    settings.require("account_sid")
    return Engine(
        store=house.store,
        rulebook=house.rulebook,
        shelf=lambda: load_shelf(house.store, folder),
        strategies=load_strategies(config_dir()),
        cadences=load_cadences(config_dir()),
        pacing=load_pacing(),
        worker=worker,
        account=settings.account_sid or "",
        calls_per_second=settings.calls_per_second,
        segments_per_second=settings.segments_per_second,
        waits=Waits(**settings.waits),
        callers=load_caller_policy(config_dir()),
        senders=load_sender_policy(config_dir()),
        people_url=settings.people_url or settings.public_url,
    )


def build_dispatcher(house: House, engine: "Engine") -> "Dispatcher":
    """The engine with its threads to the carrier; close its placer at the end."""
    from orchestrator.pipeline.abandonment import Abandonment
    from orchestrator.pipeline.closing import Closings
    from orchestrator.pipeline.dispatch import Dispatcher
    from orchestrator.pipeline.placement import Placer

    threads = house.settings.placement_threads
    placer = Placer(engine.store, lambda: house.carrier, house.clock, engine.waits, threads)
    abandonment = Abandonment(engine.store, engine.rulebook, house.clock.speed, engine.pacing.target_abandonment)
    return Dispatcher(engine, placer, house.clock, Closings(engine.rulebook), abandonment)


def build_answer_desk(house: House) -> "AnswerDesk":
    """What an answer by hand is sent with; close its placer at the end. Raises where there is no carrier to ask."""
    from orchestrator.pipeline.closing import Closings
    from orchestrator.pipeline.conversations import AnswerDesk
    from orchestrator.pipeline.placement import Placer

    carrier = house.carrier  # before anything is written: what it lacks must not look like a lost answer
    engine = build_engine(house, "answers")
    placer = Placer(engine.store, lambda: carrier, house.clock, engine.waits, 1)
    return AnswerDesk(engine=engine, placer=placer, clock=house.clock, closings=Closings(engine.rulebook))


def build_law_watch(house: House) -> "LawWatch":
    """What keeps a worker under the accepted rulebook and the declared emergencies."""
    from orchestrator.pipeline.emergency_feed import EmergencyFeed
    from orchestrator.pipeline.law_watch import LawWatch

    path = house.settings.emergency_feed
    feed = EmergencyFeed(path) if path is not None else None
    return LawWatch(house.store, house.standing, offered_rules(config_dir()), feed)


def offered_rules(config: Path) -> "Offered":
    """The rule files of config/, or why they cannot be read: what was accepted is run all the same."""
    try:
        return rule_files(config)
    except UserError as error:
        return error


def registries_dir(settings: Settings) -> Path:
    """The snapshots' folder, which need not exist yet."""
    if settings.registries_dir is not None:
        return settings.registries_dir
    file = sqlite_file(settings.database_url)
    if file is None:
        raise SettingError("ORCHESTRATOR_REGISTRIES_DIR is not set; name a folder that every process can read.")
    return file.parent / "registries"


def erasure_journal(settings: Settings) -> Path | None:
    """The journal of erasures: ORCHESTRATOR_ERASURE_JOURNAL, else beside the SQLite file; None where none is kept."""
    file = sqlite_file(settings.database_url)
    if settings.erasure_journal is not None or file is None:
        return settings.erasure_journal
    return file.with_name(file.name + ".erasures")


def replay_erasures(store: Store, settings: Settings) -> None:
    """Erase again whoever the journal names and this database, an older copy, still has; before anything starts."""
    from orchestrator.persistence import erasure_file

    path = erasure_journal(settings)
    if path is None or not path.exists() or not erasure_file.is_begun(path):
        return
    if not erasure_file.not_here(store, path):
        return
    from orchestrator.pipeline.rights import journal
    from orchestrator.pipeline.rights.erasing import Eraser

    done = journal.replay(store, Eraser(store, load_rights(config_dir()), "journal"), path, settings.clock.now())
    say(f"The journal {path} names {done.people} erased people whom this database still had: they were erased again.")


def export_later_words(settings: Settings, path: Path) -> "Noes | None":
    """Write the journal of the database that is there, and return every no in it; None where it does not open."""
    from sqlalchemy.exc import SQLAlchemyError

    from orchestrator.persistence import erasure_file, noes

    file = sqlite_file(settings.database_url)
    if file is None or not file.exists():
        return None
    engine = open_engine(settings.database_url)
    try:
        migrate.require_newest(engine)
        store = prove(Store(engine, keyring_of(settings)), settings)
        erasure_file.export(store, path)
        return noes.read(store)
    except (UserError, SQLAlchemyError) as error:
        say(
            f"The database that is there cannot be read ({type(error).__name__}): its own journal is left out, and so "
            "are stops that were said since the backup."
        )
        return None
    finally:
        engine.dispose()  # nobody may have it open when another takes its place
