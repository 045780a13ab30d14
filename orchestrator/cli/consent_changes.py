"""What `orchestrator consents` puts on record: a consent given, a consent withdrawn, the terms it is asked on."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from orchestrator.cli.actor import who
from orchestrator.cli.counted import counted
from orchestrator.cli.own_words import needed_words, own_words
from orchestrator.cli.phone_number import e164
from orchestrator.domain.consent_event import Collection, ConsentEvent, ConsentState, Evidence
from orchestrator.domain.contact_request import ConsentChannel, ConsentLevel, ConsentSource, Purpose
from orchestrator.domain.errors import UserError

Number = Annotated[str, typer.Argument(help="In E.164, as in +12125550100.")]
Seller = Annotated[str, typer.Option(help="The seller, by id.")]


def give(
    number: Number,
    seller: Seller,
    channel: Annotated[ConsentChannel, typer.Option(help="What the consent covers.")],
    purpose: Annotated[Purpose, typer.Option(help="What it is for: it serves no other purpose.")],
    level: Annotated[ConsentLevel, typer.Option(help="How firm it is.")],
    source: Annotated[ConsentSource, typer.Option(help="Where it came from.")],
    given_at: Annotated[datetime | None, typer.Option(help="When it was given (UTC); else now.")] = None,
    collection: Annotated[Collection, typer.Option(help="How the word reached the seller.")] = Collection.OTHER,
    text: Annotated[
        str | None, typer.Option(help="The exact text that was shown or read out, whole.", callback=own_words)
    ] = None,
    evidence: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="ip, url, user_agent, recording …; repeatable.", callback=own_words),
    ] = None,
    unproven: Annotated[bool, typer.Option("--unproven", help="There is no evidence: it counts nowhere.")] = False,
    automated: Annotated[bool, typer.Option("--automated", help="It names machines that call or text.")] = False,
    expires_at: Annotated[datetime | None, typer.Option(help="Until when, where it says so (UTC).")] = None,
    opt_out_offered: Annotated[bool | None, typer.Option(help="Whether a way to refuse was offered.")] = None,
    subject: Annotated[str | None, typer.Option(help="The one subject that it is about.")] = None,
    language: Annotated[str | None, typer.Option(help="In which it was asked: en, fr …")] = None,
    jurisdiction: Annotated[str | None, typer.Option(help="Of the person, as in FR or US-FL.")] = None,
    notice: Annotated[str | None, typer.Option(help="The privacy notice shown: its address or name.")] = None,
    notice_version: Annotated[str | None, typer.Option(help="Its version.")] = None,
) -> None:
    """Put a consent on record with its evidence; whoever waited for it is due again."""
    from orchestrator import bootstrap
    from orchestrator.pipeline.consents import giving

    house = bootstrap.build()
    now = house.clock.now()
    event = ConsentEvent(
        seller_id=seller,
        number=e164(number),
        event=ConsentState.GIVEN,
        channel=channel,
        purpose=purpose,
        level=level,
        automated=automated,
        happened_at=_utc(given_at) or now,
        expires_at=_utc(expires_at),
        states_period=expires_at is not None,
        source=source,
        subject=subject,
        opt_out_offered=opt_out_offered,
        evidence=_evidence(number, text, evidence or (), unproven=unproven),
        language=language,
        jurisdiction=jurisdiction,
        collection=collection,
        notice=notice,
        notice_version=notice_version,
        recorded_by=who(),
    )
    entry, opened = giving.give(house.store, event, now)
    proof = ", unproven: it counts nowhere" if unproven else ""
    typer.echo(f"Entry {entry} is on record{proof}; due again: {counted(opened, 'enrollment')}.")


def withdraw(
    number: Number,
    seller: Seller,
    words: Annotated[str, typer.Option(help="How the person said it; kept as evidence.", callback=needed_words)],
    means: Annotated[Collection, typer.Option(help="By what means: any will do.")] = Collection.OTHER,
    channel: Annotated[ConsentChannel, typer.Option(help="What they named; any: everything.")] = ConsentChannel.ANY,
    purpose: Annotated[Purpose | None, typer.Option(help="What they named; none: every purpose.")] = None,
    said_at: Annotated[datetime | None, typer.Option(help="When it was said (UTC); else now.")] = None,
) -> None:
    """Put a withdrawal on record: it stops what it speaks of at once, and what is on its way is taken back."""
    from orchestrator import bootstrap
    from orchestrator.persistence import sellers
    from orchestrator.pipeline.consents.withdrawing import Withdrawal
    from orchestrator.pipeline.consents.withdrawing import withdraw as take_back

    house = bootstrap.build()
    now = house.clock.now()
    with house.store.read() as tx:
        sellers.require(tx, seller)
    said = Withdrawal(
        seller_id=seller,
        number=e164(number),
        means=means,
        words=words,
        recorded_by=who(),
        channel=channel,
        purpose=purpose,
        happened_at=_not_later(_utc(said_at), now),
    )
    entry = take_back(house.store, said, now)
    typer.echo(f"Entry {entry} is on record; what was on its way is being taken back.")


def terms(
    seller: Annotated[str, typer.Argument(metavar="SELLER", help="The seller, by id.")],
    privacy_notice: Annotated[str | None, typer.Option(help="Where the privacy notice is.", callback=own_words)] = None,
    notice_version: Annotated[str | None, typer.Option(help="Its version.")] = None,
    address: Annotated[str | None, typer.Option(help="The controller's postal address.", callback=own_words)] = None,
    contact: Annotated[str | None, typer.Option(help="Who answers about people's data.", callback=own_words)] = None,
    url: Annotated[str | None, typer.Option(help="The controller's site.")] = None,
    recipient: Annotated[list[str] | None, typer.Option(help="Who receives the data; repeatable.")] = None,
    retention: Annotated[str | None, typer.Option(help="How long a consent and its proof are kept.")] = None,
    withdrawal: Annotated[str | None, typer.Option(help="How a consent is withdrawn.", callback=own_words)] = None,
    storage: Annotated[str | None, typer.Option(help="Where the data is stored.")] = None,
    authority: Annotated[str | None, typer.Option(help="The supervisory authority.")] = None,
) -> None:
    """Say on which terms consent is asked from now on: an entry names those of its day, its receipt tells them."""
    from orchestrator import bootstrap
    from orchestrator.persistence import consent_ledger, consents, sellers

    said = {
        "privacy_notice": privacy_notice,
        "notice_version": notice_version,
        "address": address,
        "contact": contact,
        "url": url,
        "recipients": recipient,
        "retention": retention,
        "withdrawal": withdrawal,
        "storage": storage,
        "authority": authority,
    }
    given = {key: value for key, value in said.items() if value}
    if not given:
        raise UserError("Name at least one term, as in --privacy-notice or --retention; --help has them all.")
    house = bootstrap.build()
    with house.store.write() as tx:
        sellers.require(tx, seller)
        before = consent_ledger.terms(tx, consents.terms_of(tx, seller))
        consent_ledger.add_terms(tx, seller, {**before, **given}, who(), house.clock.now())
    typer.echo(f"From now on consents given to '{seller}' name: {', '.join(sorted({**before, **given}))}.")


def _evidence(number: str, text: str | None, pairs: Sequence[str], *, unproven: bool) -> dict[str, str] | None:
    """What was handed in as proof; UserError where there is none and nobody said so."""
    found = dict(_pair(pair) for pair in pairs) | ({Evidence.TEXT.value: text} if text else {})
    if unproven and found:
        raise UserError("--unproven says that there is no evidence; leave it out, or leave the evidence out.")
    if not found and not unproven:
        raise UserError("Give the evidence, as in --text '…' or --evidence recording=…, or say --unproven.")
    return None if unproven else {Evidence.NUMBER.value: number, **found}


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not value.strip() or key not in set(Evidence):
        raise UserError(f"--evidence '{text[:60]}': write it as KEY=VALUE; keys are {', '.join(Evidence)}.")
    return key, value.strip()


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _not_later(moment: datetime | None, now: datetime) -> datetime | None:
    if moment is not None and moment > now:
        raise UserError("--said-at lies in the future: give the moment at which it was said.")
    return moment
