"""`orchestrator rules status|review|accept`: a new rulebook takes effect once it was shown and accepted."""

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli.actor import who
from orchestrator.cli.rule_sources import Rulebook_, files_of
from orchestrator.cli.rules_replay import EXAMPLES, replay_all
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.compliance.rulebook_diff import diff_form, diff_lines
from orchestrator.domain.card_numbers import refuse_cards
from orchestrator.domain.errors import UserError

if TYPE_CHECKING:
    from orchestrator.persistence.acceptances import Acceptance, Review

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def status(as_json: Json = False) -> None:
    """Show which rulebook is in force, who accepted it, and whether config/ holds another."""
    from orchestrator import bootstrap
    from orchestrator.persistence import acceptances
    from orchestrator.pipeline.law_in_force import short

    house = bootstrap.build()
    found = house.standing
    with house.store.read() as tx:
        history = acceptances.history(tx)
        reviews = acceptances.reviews_since(tx, found.acceptance.number)
    if as_json:
        form = {
            "in_force": _acceptance_form(found.acceptance),
            "config": found.offered or None,
            "may_place": found.may_place,
            "notice": found.notice or None,
            "reviews": [_review_form(review) for review in reviews],
            "history": [_acceptance_form(acceptance) for acceptance in history],
        }
        typer.echo(json.dumps(form, ensure_ascii=False))
        return
    typer.echo(f"In force: {_told(found.acceptance)}")
    typer.echo(found.notice or "config/ holds this rulebook.")
    for review in reviews:
        moment = f"{review.reviewed_at:%Y-%m-%d %H:%M} UTC"
        typer.echo(f"Shown, not accepted: rulebook {short(review.digest)}, review {review.id} of {moment}")
    for earlier in history[1:]:
        typer.echo(f"Before: {_told(earlier)}")


def _told(acceptance: "Acceptance") -> str:
    from orchestrator.pipeline.law_in_force import accepted_in_words, short

    note = f" ({acceptance.note})" if acceptance.note else ""
    return f"rulebook {short(acceptance.digest)}, {accepted_in_words(acceptance)}{note}"


def review(rulebook: Rulebook_ = None, examples: int = EXAMPLES, as_json: Json = False) -> None:
    """Show what a rulebook changes, and whom it would have treated otherwise; then it can be accepted."""
    _, form, lines = _reviewed(rulebook, examples)
    if as_json:
        typer.echo(json.dumps(form, ensure_ascii=False))
        return
    for line in lines:
        typer.echo(line)
    typer.echo(f"\nTo put it in force: orchestrator rules accept {form['review']} --by NAME --role compliance")


def accept(
    review_id: Annotated[
        str | None,
        typer.Argument(metavar="REVIEW", help="What `rules review` printed; left out, all is shown now, then asked."),
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Who accepts; always needed.")] = "",
    role: Annotated[str, typer.Option("--role", help="In which role: compliance; always needed.")] = "",
    note: Annotated[str, typer.Option("--note", help="Why, for those who look at it later.")] = "",
    rulebook: Rulebook_ = None,
    as_json: Json = False,
) -> None:
    """Put a rulebook in force that was shown: its difference from the one in force, and its replay."""
    from orchestrator import bootstrap
    from orchestrator.pipeline import rulebook_review
    from orchestrator.pipeline.law_in_force import short

    if review_id is not None and rulebook is not None:
        raise UserError("Name a review or a --rulebook: a review says which rulebook it showed.")
    refuse_cards(note, "--note")
    house = bootstrap.build()
    accepting = rulebook_review.Accepting(by=by, role=role, note=note)
    shown = review_id if review_id is not None else _shown_now(rulebook, accepting)
    accepted = rulebook_review.accept(house.store, shown, accepting, house.clock.now())
    if as_json:
        typer.echo(json.dumps(_acceptance_form(accepted), ensure_ascii=False))
        return
    typer.echo(f"Rulebook {short(accepted.digest)} is in force; a running worker takes it up within seconds.")


def _shown_now(rulebook: str | None, accepting: Any) -> str:
    """Show it, and ask; who does not sit before it has seen nothing, and is sent to the review."""
    from orchestrator.pipeline import rulebook_review

    rulebook_review.require_may_accept(accepting)
    shown, _, lines = _reviewed(rulebook, EXAMPLES)
    for line in lines:
        typer.echo(line)
    if not sys.stdin.isatty():
        raise UserError(
            f"Nothing was accepted, since nobody could be asked. To accept what was shown: orchestrator rules accept "
            f"{shown.id} --by NAME --role compliance"
        )
    typer.confirm("\nPut this rulebook in force?", abort=True)
    return shown.id


def _reviewed(named: str | None, examples: int) -> "tuple[Review, dict[str, Any], list[str]]":
    """The review, filed, with what was shown as JSON and in lines."""
    from orchestrator import bootstrap
    from orchestrator.cli.preflight import engine_without_account
    from orchestrator.persistence import campaigns
    from orchestrator.pipeline import rulebook_review
    from orchestrator.pipeline.law_in_force import accepted_in_words, short
    from orchestrator.pipeline.replay import replay_form, replay_lines

    files = files_of(named)
    changed = Rulebook.parse(files)
    house = bootstrap.build()
    in_force = house.standing.acceptance
    diff = rulebook_review.difference(house.store, in_force, files)
    engine, now = engine_without_account()
    with engine.store.read() as tx:
        launched = [campaign for campaign in campaigns.every(tx) if campaign.launched_at is not None]
    replays = replay_all(engine, launched, changed, now, examples)
    shown = rulebook_review.file(house.store, in_force, files, diff, replays, who(), now)
    form = {**_review_form(shown), "diff": diff_form(diff), "replay": [replay_form(replay) for replay in replays]}
    head = f"Rulebook {short(shown.digest)} against {short(in_force.digest)}, {accepted_in_words(in_force)}:"
    told = [line for replay in replays for line in replay_lines(replay)]
    return shown, form, [head, *diff_lines(diff), "", *(told or ["No campaign was launched yet: nothing to replay."])]


def _review_form(review: "Review") -> dict[str, Any]:
    return {
        "review": review.id,
        "rulebook": review.digest,
        "against": review.against,
        "diff_hash": review.diff_hash,
        "replay_hash": review.replay_hash,
        "campaigns": list(review.campaigns),
        "reviewed_at": review.reviewed_at.isoformat(),
        "reviewed_by": review.reviewed_by,
    }


def _acceptance_form(acceptance: "Acceptance") -> dict[str, Any]:
    return {
        "number": acceptance.number,
        "rulebook": acceptance.digest,
        "content": acceptance.content_digest,
        "versions": dict(acceptance.versions),
        "previous": acceptance.previous,
        "how": acceptance.how,
        "review": acceptance.review_id,
        "diff_hash": acceptance.diff_hash,
        "replay_hash": acceptance.replay_hash,
        "accepted_at": acceptance.accepted_at.isoformat(),
        "accepted_by": acceptance.accepted_by,
        "role": acceptance.role,
        "note": acceptance.note,
        "taken_up_at": acceptance.taken_up_at.isoformat() if acceptance.taken_up_at else None,
    }
