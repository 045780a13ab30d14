"""Opening an opt-in page, and showing a new version of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, update

from orchestrator.domain.campaign import AttemptsPlan, CampaignPlan, CampaignState, SmsPlan
from orchestrator.domain.campaign_file import plan_as_dict
from orchestrator.domain.contact_request import LawfulBasis, Purpose
from orchestrator.domain.errors import UserError
from orchestrator.domain.opt_in import OptInPage
from orchestrator.domain.people_words import bare
from orchestrator.persistence import actions, campaign_moves, campaigns, opt_in_pages, sellers
from orchestrator.persistence.campaign_moves import Move
from orchestrator.persistence.opt_in_pages import StoredPage
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import campaigns as campaigns_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What publishing did. ``campaign``: the name under which the page's confirmations can be paused and counted."""

    is_new: bool
    changed: bool
    campaign: str


def publish(store: Store, page: OptInPage, by: str, now: datetime, *, strategy: str, cadence: str) -> Published:
    """Show this version of the page from now on; raises UserError and changes nothing otherwise."""
    keyword = bare(page.keyword) if page.keyword else None
    plan = _plan(page, strategy, cadence)
    with store.write() as tx:
        sellers.require(tx, page.seller)
        sellers.claim_senders(tx, page.seller, [page.sender or page.messaging_service or ""], now)
        _require_own_keyword(tx, page, keyword)
        stored = opt_in_pages.find(tx, page.id)
        if stored is None:
            opt_in_pages.add(tx, page, _open_campaign(tx, plan, by, now), keyword, now)
            opt_in_pages.add_version(tx, page, by, now)
            _note(tx, page, by, now)
            return Published(is_new=True, changed=True, campaign=plan.name)
        _require_same_seller(stored, page)
        before = opt_in_pages.version(tx, page.id, page.version)
        if before is not None and before != page:
            raise UserError(
                f"Version '{page.version}' of page '{page.id}' says something else: people have agreed to that. "
                "Give what you changed another version."
            )
        if before is None:
            opt_in_pages.add_version(tx, page, by, now)
        opt_in_pages.show(tx, page, keyword)
        _note(tx, page, by, now)
        changed = update(campaigns_table).where(campaigns_table.c.id == stored.campaign_id)
        tx.execute(changed.values(plan=plan_as_dict(plan)))
    return Published(is_new=False, changed=before is None or not stored.is_open, campaign=plan.name)


def _note(tx: Connection, page: OptInPage, by: str, now: datetime) -> None:
    about = actions.of_seller(page.seller)
    actions.setting(tx, about, "opt-in page shown", by, now, page.seller, page=page.id, version=page.version)


def plan_of(page: OptInPage) -> SmsPlan:
    """What the page sends, and from where."""
    return SmsPlan(
        templates={language: page.confirmation(language) for language in page.languages},
        senders=(page.sender,) if page.sender else (),
        messaging_service=page.messaging_service,
        marketing=False,
    )


def _plan(page: OptInPage, strategy: str, cadence: str) -> CampaignPlan:
    """Confirmations are texts of a campaign of their own: it can be paused, halted, counted and reconciled as any."""
    return CampaignPlan(
        name=f"Opt-in {page.id}",
        seller=page.seller,
        purpose=Purpose.INFORMATIONAL,
        lawful_basis=LawfulBasis.CONSENT,
        lists=(),
        strategy=strategy,
        attempts=AttemptsPlan(cadence=cadence),
        sms=plan_of(page),
    )


def _open_campaign(tx: Connection, plan: CampaignPlan, by: str, now: datetime) -> int:
    """Running and never launched: nobody is enrolled in it, so nothing ends it but a person."""
    campaign_id = campaigns.create(tx, plan, now)
    draft, running = CampaignState.DRAFT, CampaignState.RUNNING
    campaign_moves.move(tx, campaign_id, Move(was=draft, becomes=running, by=by, at=now))
    return campaign_id


def _require_same_seller(stored: StoredPage, page: OptInPage) -> None:
    if stored.page.seller != page.seller:
        raise UserError(f"Page '{page.id}' belongs to another seller than '{page.seller}'; give this one another id.")


def _require_own_keyword(tx: Connection, page: OptInPage, keyword: str | None) -> None:
    if keyword is None:
        return
    if keyword in page.yes | page.no:
        raise UserError(f"keyword: '{page.keyword}' is how people answer a confirmation; take another word.")
    holder = opt_in_pages.by_keyword(tx, [page.sender or page.messaging_service or ""], keyword)
    if holder not in {None, page.id}:
        raise UserError(f"keyword: '{page.keyword}' signs up for page '{holder}' at this sender; take another word.")
