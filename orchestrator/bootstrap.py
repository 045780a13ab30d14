"""The only place that builds things: settings -> store, carrier, rulebook, clock."""

import os
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import insert, inspect, select
from sqlalchemy.engine import make_url

from orchestrator.clock import Clock
from orchestrator.domain.carrier import Carrier
from orchestrator.domain.carrier_lists import CarrierLists
from orchestrator.domain.errors import SettingError, UserError, WrongKeyError
from orchestrator.domain.task_routing import TaskRouter
from orchestrator.law import rule_files
from orchestrator.persistence import migrate
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store, open_engine
from orchestrator.persistence.tables.people import installation
from orchestrator.settings import Settings, config_dir, load

if TYPE_CHECKING:
    from orchestrator.compliance.breach_law import BreachLaw
    from orchestrator.compliance.closing_law import KeptRecords
    from orchestrator.compliance.retention_law import RetentionLaw
    from orchestrator.compliance.rights_law import RightsLaw
    from orchestrator.compliance.rulebook import Rulebook
    from orchestrator.domain.breach_words import NoticeWords
    from orchestrator.domain.disposition import Disposition
    from orchestrator.domain.people_words import PeopleWords
    from orchestrator.pacing.policy import PacingPolicy
    from orchestrator.persistence.noes import Noes
    from orchestrator.pipeline.dispatch import Dispatcher
    from orchestrator.pipeline.engine import Engine
    from orchestrator.pipeline.law_in_force import Offered, Standing
    from orchestrator.pipeline.law_watch import LawWatch
    from orchestrator.strategies.cadence import Cadence
    from orchestrator.strategies.caller_policy import CallerPolicy
    from orchestrator.strategies.sender_policy import SenderPolicy
    from orchestrator.strategies.strategy import Strategy

PROOF_TEXT = "number keys of this installation"


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


def load_pacing() -> "PacingPolicy":
    """What config/pacing.toml says."""
    from orchestrator.pacing.policy import PacingPolicy

    return PacingPolicy.parse((config_dir() / "pacing.toml").read_text("utf-8"))


def load_strategies(config: Path) -> "dict[str, Strategy]":
    """Every strategy by the name of its file; raises UserError that names the file."""
    from orchestrator.strategies.strategy import Strategy

    files = sorted((config / "strategies").glob("*.toml"))
    return {path.stem: Strategy.parse(path.read_text("utf-8"), path.name) for path in files}


def load_cadences(config: Path) -> "dict[str, Cadence]":
    """Every table of cadences.toml by its name."""
    from orchestrator.strategies.cadence import Cadence

    text = (config / "cadences.toml").read_text("utf-8")
    return Cadence.parse_all(text)


def load_caller_policy(config: Path) -> "CallerPolicy":
    """Caps and rests of caller ids; raises UserError for a file that cannot be used."""
    from orchestrator.strategies.caller_policy import CallerPolicy

    return CallerPolicy.parse((config / "caller_ids.toml").read_text("utf-8"))


def load_sender_policy(config: Path) -> "SenderPolicy":
    """Rates and rests of senders of texts; raises UserError for a file that cannot be used."""
    from orchestrator.strategies.sender_policy import SenderPolicy

    return SenderPolicy.parse((config / "senders.toml").read_text("utf-8"))


def load_rights(config: Path) -> "RightsLaw":
    """Deadlines, what stays after an erasure, and recipients; raises UserError for a file that cannot be used."""
    from orchestrator.compliance.rights_law import RightsLaw

    return RightsLaw.parse((config / "rights.toml").read_text("utf-8"))


def load_people_words(config: Path) -> "PeopleWords":
    """What people read on the pages that anyone may open; raises UserError for a file that cannot be used."""
    from orchestrator.domain.people_words import PEOPLE_FILE, PeopleWords

    return PeopleWords.parse((config / PEOPLE_FILE).read_text("utf-8"))


def load_retention(config: Path | None = None) -> "RetentionLaw":
    """How long data stays, with sellers' own files; raises UserError for one that cannot be used."""
    from orchestrator.compliance.retention_law import FILE, RetentionLaw

    folder = config_dir() if config is None else config
    own = {f"retention/{path.name}": path.read_text("utf-8") for path in (folder / "retention").glob("*.toml")}
    return RetentionLaw.parse((folder / FILE).read_text("utf-8"), own)


def load_dispositions(config: Path) -> "dict[str, Disposition]":
    """What agents may say of a call, by id; campaigns add to it."""
    from orchestrator.domain.disposition_file import parse_dispositions

    return parse_dispositions((config / "dispositions.toml").read_text("utf-8"))


def load_breach_law() -> "BreachLaw":
    """Whom the law wants told of a breach, and by when; raises UserError for a file that cannot be used."""
    from orchestrator.compliance.breach_law import BreachLaw

    return BreachLaw.parse((config_dir() / "breach.toml").read_text("utf-8"))


def load_closing_law() -> "tuple[KeptRecords, ...]":
    """What the law wants kept when a seller leaves; raises UserError for a file that cannot be used."""
    from orchestrator.compliance.closing_law import read_closing_law

    return read_closing_law((config_dir() / "closing.toml").read_text("utf-8"))


def load_notice_words() -> "dict[str, NoticeWords]":
    """The words of notices to people by language; raises UserError that names the file."""
    from orchestrator.domain.breach_words import NoticeWords

    files = sorted((config_dir() / "breach_notices").glob("*.toml"))
    found = [NoticeWords.parse(path.read_text("utf-8"), f"config/breach_notices/{path.name}") for path in files]
    return {words.language: words for words in found}


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
    _say(f"The journal {path} names {done.people} erased people whom this database still had: they were erased again.")


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
        store = prove(Store(engine, Keyring.parse(_keys(settings))), settings)
        erasure_file.export(store, path)
        return noes.read(store)
    except (UserError, SQLAlchemyError) as error:
        _say(
            f"The database that is there cannot be read ({type(error).__name__}): its own journal is left out, and so "
            "are stops that were said since the backup."
        )
        return None
    finally:
        engine.dispose()  # nobody may have it open when another takes its place


def open_copy(settings: Settings, file: Path) -> Store:
    """A copy of this installation's database, brought to this version's schema; WrongKeyError for another's."""
    database = sqlite_file(settings.database_url)
    if settings.secret_keys is None and database is not None and not _keys_beside(database).exists():
        raise WrongKeyError(
            "The keys that open the backup are missing: set ORCHESTRATOR_SECRET_KEYS, or put the file "
            f"{_keys_beside(database)} back."
        )
    engine = open_engine(f"sqlite:///{file}")
    migrate.upgrade(engine)
    return prove(Store(engine, Keyring.parse(_keys(settings))), settings)


def _keys_beside(database: Path) -> Path:
    return database.with_name(database.name + ".keys")


def sqlite_file(database_url: str) -> Path | None:
    """The SQLite file that a URL names, None for other databases."""
    url = make_url(database_url)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def open_store(settings: Settings, *, may_make: bool = True) -> Store:
    """Open the database; on SQLite an empty one is migrated and a missing key is made once, and both are said.

    Raises SettingError where there is no folder for it, and without ``may_make`` where there is no database: a
    mistyped path must not become a new installation.
    """
    engine = open_engine(settings.database_url)
    require_place(settings.database_url, may_make=may_make)
    is_new = engine.dialect.name == "sqlite" and migrate.is_empty(engine)
    if is_new and not may_make:
        raise _no_database(settings.database_url)
    keyring = Keyring.parse(_keys(settings))
    if is_new:
        migrate.upgrade(engine)
        Path(str(sqlite_file(settings.database_url))).chmod(0o600)
        _say(f"A new database was made at {sqlite_file(settings.database_url)}.")
    migrate.require_newest(engine)
    return prove(Store(engine, keyring), settings)


def require_place(database_url: str, *, may_make: bool) -> None:
    """Raise SettingError where the folder of a SQLite file is missing, and without ``may_make`` where the file is."""
    file = sqlite_file(database_url)
    if file is None:
        return
    if not file.parent.is_dir():
        raise SettingError(
            f"ORCHESTRATOR_DATABASE_URL: there is no folder {file.parent}; make it, or name another file."
        )
    if not may_make and not file.exists():
        raise _no_database(database_url)


def _no_database(database_url: str) -> SettingError:
    return SettingError(
        f"There is no database at {sqlite_file(database_url)}: set ORCHESTRATOR_DATABASE_URL to the file of yours, or "
        "make a new one with `orchestrator migrate`."
    )


def prove(store: Store, settings: Settings) -> Store:
    """The store with the chain of number keys that it was written with; raises WrongKeyError for other keys."""
    with store.write() as tx:
        row = tx.execute(select(installation)).one_or_none()
        if row is None:
            values = {
                "id": 1,
                "number_key_chain": " ".join(store.keyring.chain),
                "proof": store.keyring.number_key(PROOF_TEXT),
                "created_at": settings.clock.now(),
            }
            tx.execute(insert(installation).values(values))
            return store
    keyring = store.keyring.chained(row.number_key_chain.split())
    if keyring.number_key(PROOF_TEXT) != bytes(row.proof):
        raise WrongKeyError(
            "This database was written with other keys: set ORCHESTRATOR_SECRET_KEYS to the keys it was made with."
        )
    return Store(store.engine, keyring)


def _keys(settings: Settings) -> str:
    if settings.secret_keys is not None:
        return settings.secret_keys.get_secret_value()
    file = sqlite_file(settings.database_url)
    if file is None:
        raise SettingError(
            "ORCHESTRATOR_SECRET_KEYS is not set; set it to k1:BASE64 of 32 random bytes (README.md shows how)."
        )
    return _key_file(file)


def _key_file(database: Path) -> str:
    path = _keys_beside(database)
    if not path.exists():
        if database.exists() and _holds_data(database):
            raise WrongKeyError(
                f"{path.name} is missing beside the database; set ORCHESTRATOR_SECRET_KEYS or restore it."
            )
        _write_once(path)
    return path.read_text("ascii").strip()


def _holds_data(database: Path) -> bool:
    engine = open_engine(f"sqlite:///{database}")
    try:
        if not inspect(engine).has_table("installation"):
            return False
        with engine.connect() as connection:
            return connection.execute(select(installation.c.id)).first() is not None
    finally:
        engine.dispose()


def _write_once(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was first
        return
    with os.fdopen(descriptor, "w") as file:
        file.write(Keyring.generate() + "\n")
    _say(f"No ORCHESTRATOR_SECRET_KEYS: a key was made in {path}. Keep it; without it the database cannot be read.")


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)  # noqa: T201 - said to the person who runs the command
