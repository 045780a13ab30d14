"""A rulebook is shown, then accepted: what is shown is kept by its hash, and only what was shown can be accepted."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from orchestrator.compliance.rulebook import digest_of, library_versions
from orchestrator.compliance.rulebook_diff import RulebookDiff, diff_form, diff_of, hash_of
from orchestrator.domain.errors import UserError
from orchestrator.persistence import acceptances, rulebooks
from orchestrator.persistence.acceptances import Acceptance, Review
from orchestrator.persistence.store import Store
from orchestrator.pipeline.law_in_force import short
from orchestrator.pipeline.replay import Replay, replay_form

LASTS = timedelta(days=7)  # people and decisions go on meanwhile: what was shown grows old
ROLE = "compliance"
AGAIN = "run `orchestrator rules review` again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepting:
    """Who accepts, in which role, and why."""

    by: str
    role: str
    note: str = ""


def difference(store: Store, acceptance: Acceptance, files: Mapping[str, str]) -> RulebookDiff:
    """What differs from the rulebook in force; raises UserError where nothing does."""
    if digest_of(files) == acceptance.digest:
        raise UserError(f"This is rulebook {short(acceptance.digest)}, which is in force: there is nothing to accept.")
    with store.read() as tx:
        accepted = rulebooks.content(tx, acceptance.digest) or {}
    return diff_of(accepted, files, acceptance.versions, library_versions())


def file(
    store: Store,
    acceptance: Acceptance,
    files: Mapping[str, str],
    diff: RulebookDiff,
    replays: Sequence[Replay],
    by: str,
    now: datetime,
) -> Review:
    """Keep what was shown, and the texts of that rulebook; the review's id is what `rules accept` asks for."""
    digest = digest_of(files)
    rulebooks.remember(store, digest, files, now)
    review = Review(
        id=secrets.token_hex(4),
        digest=digest,
        against=acceptance.digest,
        diff_hash=hash_of(diff_form(diff)),
        replay_hash=hash_of([replay_form(replay) for replay in replays]),
        campaigns=[replay.campaign.id for replay in replays],
        reviewed_at=now,
        reviewed_by=by,
    )
    with store.write() as tx:
        acceptances.file_review(tx, review)
    return review


def accept(store: Store, review_id: str, who: Accepting, now: datetime) -> Acceptance:
    """Put the reviewed rulebook in force; raises UserError for who may not, and for a review that does not hold."""
    require_may_accept(who)
    with store.write() as tx:
        review = acceptances.find_review(tx, review_id)
        latest = acceptances.in_force(tx)
        if review is None or latest is None:
            raise UserError(f"There is no review '{review_id}'; `orchestrator rules review` shows the changes first.")
        files = rulebooks.content(tx, review.digest) or {}
        _require_current(review, latest, files, now)
        accepted = _acceptance(review, latest, files, who, now)
        if not acceptances.record(tx, accepted):
            raise UserError(f"Somebody else has accepted a rulebook meanwhile: {AGAIN}.")
    return accepted


def require_may_accept(who: Accepting) -> None:
    """Raise UserError for nobody, and for a role that may not; the role is recorded as it is claimed."""
    if not who.by.strip():
        raise UserError("--by must name who accepts.")
    if not who.role:
        raise UserError(f"--role is missing: accepting a rulebook takes a compliance user, --role {ROLE}.")
    if who.role != ROLE:
        raise UserError(f"--role '{who.role}' may not accept a rulebook: it takes a compliance user, --role {ROLE}.")


def _require_current(review: Review, latest: Acceptance, files: Mapping[str, str], now: datetime) -> None:
    if review.digest == latest.digest:
        raise UserError(f"Rulebook {short(review.digest)} is in force already; there is nothing to accept.")
    if review.against != latest.digest:
        raise UserError(
            f"Review {review.id} compared with rulebook {short(review.against)}, and {short(latest.digest)} is in "
            f"force since: {AGAIN}."
        )
    if now - review.reviewed_at > LASTS:
        raise UserError(f"Review {review.id} is older than {LASTS.days} days: {AGAIN}.")
    if digest_of(files) != review.digest:
        raise UserError(f"The tables beside the rules have been updated since review {review.id}: {AGAIN}.")


def _acceptance(
    review: Review, latest: Acceptance, files: Mapping[str, str], who: Accepting, now: datetime
) -> Acceptance:
    return Acceptance(
        number=latest.number + 1,
        digest=review.digest,
        content_digest=digest_of(files, {}),
        versions=library_versions(),
        previous=latest.digest,
        how="reviewed",
        review_id=review.id,
        diff_hash=review.diff_hash,
        replay_hash=review.replay_hash,
        accepted_at=now,
        accepted_by=who.by.strip(),
        role=who.role,
        note=who.note,
    )
