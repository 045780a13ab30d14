"""What the commands about rights share: their options, and the request that is made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.actor import who
from orchestrator.cli.own_words import own_words
from orchestrator.domain.errors import UserError
from orchestrator.domain.rights import Asked, Right

if TYPE_CHECKING:
    from orchestrator.bootstrap import House
    from orchestrator.compliance.rights_law import RightsLaw
    from orchestrator.persistence.store import Store

Who = Annotated[str, typer.Argument(metavar="WHO", help="A number as in +12125550100, or a contact id.")]
Number = Annotated[int, typer.Argument(metavar="REQUEST", help="As `rights list` prints it.")]
SellerId = Annotated[str | None, typer.Option("--seller", help="Whom it was asked; not needed where there is one.")]
Received = Annotated[
    datetime | None, typer.Option("--received", formats=["%Y-%m-%d"], help="The day on which it came; default: today.")
]
Channel = Annotated[
    str,
    typer.Option(
        "--channel", help="How it came: letter, email, phone, text, web …; default: not said.", show_default=False
    ),
]
Verified = Annotated[
    str | None,
    typer.Option(
        "--verified", help="By what you made sure who asks, as in 'called back on the number'.", callback=own_words
    ),
]
Place = Annotated[
    str | None, typer.Option("--jurisdiction", help="Whose law counts, as in DE or US-CA; default: where they live.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ToldOn = Annotated[
    datetime | None, typer.Option("--told-on", formats=["%Y-%m-%d"], help="When the person was told; default: today.")
]
LONGEST_CHANNEL = 16
UNSAID = "unsaid"  # how a request came is evidence: what nobody said is not made up


@dataclass(frozen=True, slots=True)
class Counter:
    """The house with the law of requests, as every command uses them."""

    house: "House"
    law: "RightsLaw"

    @property
    def store(self) -> "Store":
        """The store."""
        return self.house.store

    @property
    def now(self) -> datetime:
        """The world's moment."""
        return self.house.clock.now()

    def seller(self, given: str | None) -> str:
        """The seller's id: the one named, else the only one; UserError for several, or where there is none."""
        from orchestrator.persistence import sellers
        from orchestrator.pipeline.intake.seller_choice import chosen

        seller_id = chosen(self.store, given)
        with self.store.read() as tx:
            return sellers.require(tx, seller_id).id

    def keep_journal(self) -> None:
        """Add to the journal's file whoever was erased just now."""
        from orchestrator import bootstrap
        from orchestrator.persistence import erasure_file

        path = bootstrap.erasure_journal(self.house.settings)
        if path is not None:
            erasure_file.append_new(self.store, path, self.now)


def counter() -> Counter:
    """Built once a command."""
    from orchestrator import bootstrap, config_files
    from orchestrator.settings import config_dir

    return Counter(bootstrap.build(), config_files.load_rights(config_dir()))


def asked(
    desk: Counter,
    right: Right,
    named: str,
    received: datetime | None,
    channel: str,
    verified: str | None,
    place: str | None,
) -> Asked:
    """The request as it was typed; UserError for a day to come, or for words that are too long."""
    now = desk.now
    at = now if received is None else datetime.combine(received.date(), time(12), UTC)
    if received is not None and received.date() > now.date():
        raise UserError("--received lies in the future.")
    if not channel.strip() or len(channel) > LONGEST_CHANNEL:
        raise UserError("--channel is one word, as in letter, email, phone, text or web.")
    known = desk.house.rulebook.numbering.jurisdictions if place else ()
    if place is not None and place.upper() not in known:
        raise UserError(f"'{place}' is no jurisdiction; write it as in DE, GB or US-CA.")
    return Asked(
        right=right,
        named=named.strip(),
        received_at=min(at, now),
        channel=channel.strip(),
        by=who(),
        jurisdiction=place.upper() if place else None,
        verified_by=verified,
    )


def pairs(texts: Sequence[str]) -> dict[str, str]:
    """What ``--set field=value`` says; UserError for one without an equals sign."""
    found = dict(text.partition("=")[::2] for text in texts)
    for text in texts:
        if "=" not in text or not text.partition("=")[0].strip():
            raise UserError(f"--set {text}: write it as in --set last_name=Miller; nothing behind the = takes it out.")
    return {name.strip(): value.strip() for name, value in found.items()}
