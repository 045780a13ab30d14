"""The files of config/ that are not law of contacts: each read anew, and said by its name where it cannot be used."""

from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.law import text_of
from orchestrator.settings import config_dir

if TYPE_CHECKING:
    from orchestrator.compliance.breach_law import BreachLaw
    from orchestrator.compliance.closing_law import KeptRecords
    from orchestrator.compliance.opt_out import OptOutWords
    from orchestrator.compliance.retention_law import RetentionLaw
    from orchestrator.compliance.rights_law import RightsLaw
    from orchestrator.domain.breach_words import NoticeWords
    from orchestrator.domain.disposition import Disposition
    from orchestrator.domain.people_words import PeopleWords
    from orchestrator.pacing.policy import PacingPolicy
    from orchestrator.rehearsal.cost import Prices
    from orchestrator.strategies.cadence import Cadence
    from orchestrator.strategies.caller_policy import CallerPolicy
    from orchestrator.strategies.sender_policy import SenderPolicy
    from orchestrator.strategies.strategy import Strategy


def load_pacing() -> "PacingPolicy":
    """What config/pacing.toml says."""
    from orchestrator.pacing.policy import PacingPolicy

    return PacingPolicy.parse(text_of(config_dir() / "pacing.toml"))


def load_strategies(config: Path) -> "dict[str, Strategy]":
    """Every strategy by the name of its file; raises UserError that names the file."""
    from orchestrator.strategies.strategy import Strategy

    files = sorted((config / "strategies").glob("*.toml"))
    return {path.stem: Strategy.parse(text_of(path), path.name) for path in files}


def load_cadences(config: Path) -> "dict[str, Cadence]":
    """Every table of cadences.toml by its name."""
    from orchestrator.strategies.cadence import Cadence

    return Cadence.parse_all(text_of(config / "cadences.toml"))


def load_caller_policy(config: Path) -> "CallerPolicy":
    """Caps and rests of caller ids; raises UserError for a file that cannot be used."""
    from orchestrator.strategies.caller_policy import CallerPolicy

    return CallerPolicy.parse(text_of(config / "caller_ids.toml"))


def load_sender_policy(config: Path) -> "SenderPolicy":
    """Rates and rests of senders of texts; raises UserError for a file that cannot be used."""
    from orchestrator.strategies.sender_policy import SenderPolicy

    return SenderPolicy.parse(text_of(config / "senders.toml"))


def load_rights(config: Path) -> "RightsLaw":
    """Deadlines, what stays after an erasure, and recipients; raises UserError for a file that cannot be used."""
    from orchestrator.compliance.rights_law import RightsLaw

    return RightsLaw.parse(text_of(config / "rights.toml"))


def load_people_words(config: Path) -> "PeopleWords":
    """What people read on the pages that anyone may open; raises UserError for a file that cannot be used."""
    from orchestrator.domain.people_words import PEOPLE_FILE, PeopleWords

    return PeopleWords.parse(text_of(config / PEOPLE_FILE))


def load_retention(config: Path | None = None) -> "RetentionLaw":
    """How long data stays, with sellers' own files; raises UserError for one that cannot be used."""
    from orchestrator.compliance.retention_law import FILE, RetentionLaw

    folder = config_dir() if config is None else config
    own = {f"retention/{path.name}": text_of(path) for path in (folder / "retention").glob("*.toml")}
    return RetentionLaw.parse(text_of(folder / FILE), own)


def load_dispositions(config: Path) -> "dict[str, Disposition]":
    """What agents may say of a call, by id; campaigns add to it."""
    from orchestrator.domain.disposition_file import parse_dispositions

    return parse_dispositions(text_of(config / "dispositions.toml"))


def load_opt_out_words(config: Path) -> "OptOutWords":
    """The words by which people stop, start and ask for help; raises UserError for a file that cannot be used."""
    from orchestrator.compliance.opt_out import OPT_OUT_FILE, OptOutWords

    return OptOutWords.parse(text_of(config / OPT_OUT_FILE))


def load_prices(config: Path) -> "Prices":
    """What calls and segments cost; raises UserError for a file that cannot be used."""
    from orchestrator.rehearsal.cost import PRICES_FILE, Prices

    return Prices.parse(text_of(config / PRICES_FILE))


def load_breach_law() -> "BreachLaw":
    """Whom the law wants told of a breach, and by when; raises UserError for a file that cannot be used."""
    from orchestrator.compliance.breach_law import BreachLaw

    return BreachLaw.parse(text_of(config_dir() / "breach.toml"))


def load_closing_law() -> "tuple[KeptRecords, ...]":
    """What the law wants kept when a seller leaves; raises UserError for a file that cannot be used."""
    from orchestrator.compliance.closing_law import read_closing_law

    return read_closing_law(text_of(config_dir() / "closing.toml"))


def load_notice_words() -> "dict[str, NoticeWords]":
    """The words of notices to people by language; raises UserError that names the file."""
    from orchestrator.domain.breach_words import NoticeWords

    files = sorted((config_dir() / "breach_notices").glob("*.toml"))
    found = [NoticeWords.parse(text_of(path), f"config/breach_notices/{path.name}") for path in files]
    return {words.language: words for words in found}
