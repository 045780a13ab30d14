"""Look at the account before it is relied on: what works, what does not, and what to do about each."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from orchestrator.domain.account import AccountFacts, Finding, Probe, Survey, Verdict
from orchestrator.domain.errors import AccountMisconfiguredError, CarrierBusyError, CarrierError
from orchestrator.domain.provisioning import Step
from orchestrator.pipeline import doctor_callbacks, doctor_senders, doctor_standing, doctor_task_router
from orchestrator.pipeline.doctor_needs import Needs

Check = Callable[[Survey, Needs], Sequence[Finding]]
CHECKS: tuple[tuple[str, Check], ...] = (
    ("numbers", doctor_senders.numbers),
    ("messaging", doctor_senders.services),
    ("a2p", doctor_senders.us_texts),
    ("calls per second", doctor_standing.calls_per_second),
    ("geo permissions", doctor_standing.countries),
)
WRONG = (
    "Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN of one account (or TWILIO_API_KEY and TWILIO_API_SECRET of it), made "
    "in the region US1: keys of other regions are refused."
)
AWAY = "Look whether this machine reaches the internet and Twilio works (status.twilio.com), then look again."


def examine(
    survey: Survey,
    probe: Probe,
    needs: Needs,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    workspace: Callable[[], Sequence[Step]] | None = None,
) -> list[Finding]:
    """Every finding, in the order in which one mends them; where the account cannot be asked, what needs no account.

    ``now`` is real time: the world's may be moved. ``workspace`` plans what the workspace needs, where one is set.
    """
    try:
        account = survey.account()
    except CarrierError as error:
        return [_refused("credentials", error), *doctor_callbacks.callbacks(probe, needs)]
    findings = [_credentials(account), *_token(survey), *doctor_standing.clock(account, now())]
    findings += [*doctor_standing.region(account, needs), *doctor_callbacks.callbacks(probe, needs)]
    findings += _looked("concurrency", lambda: doctor_standing.concurrency(survey, account, needs))
    for name, check in CHECKS:
        findings += _looked(name, lambda check=check: check(survey, needs))  # type: ignore[misc]
    if workspace is not None:
        findings += _looked(doctor_task_router.TASK_ROUTER, lambda: doctor_task_router.workspace(workspace()))
    return findings


def _looked(name: str, look: Callable[[], Sequence[Finding]]) -> Sequence[Finding]:
    try:
        return look()
    except CarrierError as error:
        return [_refused(name, error)]


def _refused(name: str, error: CarrierError) -> Finding:
    code = f" (error {error.carrier_code})" if error.carrier_code else ""
    if isinstance(error, AccountMisconfiguredError):
        return Finding(name, Verdict.FAIL, f"Twilio refused the question{code}.", WRONG)
    if isinstance(error, CarrierBusyError):
        return Finding(name, Verdict.FAIL, f"Twilio gave no answer that can be read{code}.", AWAY)
    return Finding(name, Verdict.FAIL, f"Twilio did not answer the question{code}.", "See Twilio's page on this error.")


def _credentials(account: AccountFacts) -> Finding:
    if account.status != "active":
        return Finding(
            "credentials", Verdict.FAIL, f"The account is {account.status}.", "Settle it with Twilio in its console."
        )
    if account.is_trial:
        return Finding(
            "credentials",
            Verdict.WARN,
            "This is a trial account: it reaches only numbers that were verified, and says so before each call.",
            "Upgrade it in Twilio's console before a campaign.",
        )
    return Finding("credentials", Verdict.OK, "Twilio takes them, and the account is active.")


def _token(survey: Survey) -> list[Finding]:
    try:
        works = survey.token_works()
    except CarrierError as error:
        return [_refused("auth token", error)]
    if works:
        return [Finding("auth token", Verdict.OK, "Twilio takes it; that it is the primary one cannot be asked.")]
    return [
        Finding(
            "auth token",
            Verdict.FAIL,
            "Twilio does not take TWILIO_AUTH_TOKEN, so that no callback of its would pass.",
            "Set it to the primary auth token of this very account (a subaccount has its own).",
        )
    ]
