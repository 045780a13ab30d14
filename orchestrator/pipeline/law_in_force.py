"""The rulebook that is in force here: the one that was accepted, whatever config/ holds by now.

The digest covers the files and the libraries whose tables go with them. Files can be taken from the database as they
were accepted; libraries cannot be turned back, so where they differ nothing new is placed until somebody has accepted
the same files with the new tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata

from sqlalchemy import Connection

from orchestrator.compliance.foundations import founded
from orchestrator.compliance.rulebook import Rulebook, digest_of, library_versions
from orchestrator.domain.errors import UserError
from orchestrator.persistence import acceptances, rulebooks
from orchestrator.persistence.acceptances import FIRST, Acceptance
from orchestrator.persistence.store import Store

Offered = Mapping[str, str] | UserError  # the files of config/, or why they cannot be read
BY_ITSELF = "the system"
WHAT_TO_DO = "See what would change with `orchestrator rules review`, then `orchestrator rules accept`."


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What this process runs. ``offered`` is the digest of config/; ``notice`` is empty where that is in force.

    ``offered`` is empty where config/ cannot be read.
    """

    rulebook: Rulebook
    acceptance: Acceptance
    offered: str
    may_place: bool = True
    notice: str = ""


def standing(store: Store, files: Offered, now: datetime) -> Standing:
    """The rulebook to run, where ``files`` are those of config/; the first of an empty database is accepted."""
    if isinstance(files, UserError):
        return _without_config(store, files)
    offered = digest_of(files)
    acceptance = accept_first(store, files, now)
    if acceptance.digest == offered:
        return Standing(rulebook=founded(Rulebook.parse(files)), acceptance=acceptance, offered=offered)
    with store.read() as tx:
        accepted = rulebooks.content(tx, acceptance.digest) or {}
    return _beside(acceptance, accepted, files, offered)


def _without_config(store: Store, complaint: UserError) -> Standing:
    """config/ cannot be read: the accepted files are run; raises the complaint where none were accepted yet."""
    with store.read() as tx:
        acceptance = acceptances.in_force(tx)
        accepted = rulebooks.content(tx, acceptance.digest) if acceptance is not None else None
    if acceptance is None or accepted is None:
        raise complaint
    rulebook = Rulebook.parse(accepted)
    same_tables = rulebook.digest == acceptance.digest
    stays = f"Rulebook {short(acceptance.digest)}, {accepted_in_words(acceptance)}, stays in force."
    notice = f"config/ cannot be read: {complaint} {stays if same_tables else _other_tables(acceptance)}"
    return Standing(rulebook=rulebook, acceptance=acceptance, offered="", may_place=same_tables, notice=notice)


def _beside(acceptance: Acceptance, accepted: Mapping[str, str], files: Mapping[str, str], offered: str) -> Standing:
    """config/ is not what was accepted: the accepted files are run, where this process still reads them alike."""
    try:
        rulebook = founded(Rulebook.parse(accepted))
    except UserError as error:
        notice = (
            f"Rulebook {short(acceptance.digest)}, which is in force, cannot be read by this version ({error}) "
            f"Nothing new is placed until another is accepted. {WHAT_TO_DO}"
        )
        book = Rulebook.parse(files)
        return Standing(rulebook=book, acceptance=acceptance, offered=offered, may_place=False, notice=notice)
    same_tables = rulebook.digest == acceptance.digest
    notice = _other_files(acceptance, offered) if same_tables else _other_tables(acceptance)
    return Standing(rulebook=rulebook, acceptance=acceptance, offered=offered, may_place=same_tables, notice=notice)


def _other_files(acceptance: Acceptance, offered: str) -> str:
    return (
        f"config/ holds rulebook {short(offered)}, which is not in force: rulebook {short(acceptance.digest)}, "
        f"{accepted_in_words(acceptance)}, stays so until another is accepted. {WHAT_TO_DO}"
    )


def _other_tables(acceptance: Acceptance) -> str:
    here = library_versions()
    then = acceptance.versions
    changed = [f"{name} {then[name]} -> {version}" for name, version in here.items() if then.get(name, "") != version]
    told = f" ({', '.join(changed)})" if then else ""
    again = f"`orchestrator rules review --rulebook {short(acceptance.digest)}`"
    return (
        "The tables of holidays, numbers, postal codes or time zones beside the rules are not those that rulebook "
        f"{short(acceptance.digest)} was accepted with{told}. Nothing new is placed until it is accepted with these: "
        f"{again} shows what would change, or start the process with the tables of before."
    )


def replaced_libraries() -> tuple[str, ...]:
    """The libraries on the disk that are not those of this process, as in holidays 0.109 -> 0.110."""
    found = {name: (version, _on_disk(name)) for name, version in library_versions().items()}
    return tuple(f"{name} {here} -> {there}" for name, (here, there) in found.items() if here != there)


def _on_disk(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:  # as in the middle of an update
        return "none"


def accept_first(store: Store, files: Mapping[str, str], now: datetime) -> Acceptance:
    """The acceptance in force; where there is none, the rulebook in use is accepted, and config/'s of a new database.

    Two processes that start together agree: the one that is second finds the first one's row.
    """
    with store.read() as tx:
        found = acceptances.in_force(tx)
        in_use = _in_use(tx, digest_of(files)) if found is None else None
    if found is not None:
        return found
    digest, chosen = in_use or (Rulebook.parse(files).digest, files)
    rulebooks.remember(store, digest, chosen, now)
    first = Acceptance(
        number=FIRST,
        digest=digest,
        content_digest=digest_of(chosen, {}),
        versions=library_versions() if digest_of(chosen) == digest else {},
        previous=None,
        how="in_use" if in_use else "first",
        accepted_at=now,
        accepted_by=BY_ITSELF,
        note="in use before rulebooks were accepted" if in_use else "the first of this database",
    )
    with store.write() as tx:
        acceptances.record(tx, first)
        return acceptances.in_force(tx) or first


def _in_use(tx: Connection, offered: str) -> tuple[str, Mapping[str, str]] | None:
    """The rulebook of a database from before there were acceptances: config/'s where it was used, else the last."""
    digests = filter(None, (offered, rulebooks.newest(tx)))
    stored = ((digest, rulebooks.content(tx, digest)) for digest in digests)
    return next(((digest, files) for digest, files in stored if files is not None), None)


def short(digest: str) -> str:
    """As much of a digest as people need to tell two apart."""
    return digest[:12]


def accepted_in_words(acceptance: Acceptance) -> str:
    """As in accepted by Kim on 2026-11-22."""
    return f"accepted by {acceptance.accepted_by} on {acceptance.accepted_at:%Y-%m-%d}"
