"""How the account stands: its clock and way, how fast and how much at once it calls, and where it may."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from orchestrator.domain.account import AccountFacts, Finding, Survey, Verdict
from orchestrator.pipeline.doctor_needs import Needs

CLOCK, REGION, RATE, AT_ONCE, GEO = "clock", "region", "calls per second", "concurrency", "geo permissions"
SKEW_OK, SKEW_BAD = timedelta(seconds=2), timedelta(seconds=30)  # the carrier's Date has whole seconds
SLOW_SECONDS = 1.0
WAIT_OK_MS, WAIT_BAD_MS = 2_000, 10_000
NINE_OF_TEN = 0.9
SELF_SERVE = 5.0
LIMITS_SINCE = datetime(2026, 2, 3, tzinfo=UTC)  # accounts that were opened before are not affected
TRIAL_AT_ONCE, UNPROFILED_AT_ONCE = 5, 2


def clock(account: AccountFacts, real_now: datetime) -> list[Finding]:
    """Ours against the carrier's, at the middle of the round trip."""
    if account.carrier_time is None:
        return [Finding(CLOCK, Verdict.WARN, "Twilio's answer bore no date.", "Look whether a proxy strips headers.")]
    skew = real_now - timedelta(seconds=account.round_trip_seconds / 2) - account.carrier_time
    seen = f"This machine's clock is {abs(skew.total_seconds()):.0f} s {'ahead of' if skew > timedelta() else 'behind'}"
    if abs(skew) <= SKEW_OK:
        return [Finding(CLOCK, Verdict.OK, "This machine's clock and Twilio's agree.")]
    verdict = Verdict.WARN if abs(skew) <= SKEW_BAD else Verdict.FAIL
    return [Finding(CLOCK, verdict, f"{seen} Twilio's.", "Let it follow NTP: calling hours are kept by this clock.")]


def region(account: AccountFacts, needs: Needs) -> list[Finding]:
    """Which way requests go, and how long one takes."""
    if needs.ignored:
        seen = f"{' and '.join(needs.ignored)} of the environment has no effect: requests go to Twilio's US1."
        return [Finding(REGION, Verdict.WARN, seen, "Unset it; this version serves accounts of US1 alone.")]
    seen = f"An answer took {account.round_trip_seconds * 1000:.0f} ms."
    if account.round_trip_seconds > SLOW_SECONDS:
        return [Finding(REGION, Verdict.WARN, seen, "Run this nearer to Twilio's US1: each call waits for it.")]
    return [Finding(REGION, Verdict.OK, f"Requests go to Twilio's US1. {seen}")]


def calls_per_second(survey: Survey, needs: Needs) -> list[Finding]:
    """Our setting against the queue that it made: Twilio tells no limit."""
    times = sorted(survey.queue_times_ms())
    setting = f"ORCHESTRATOR_CALLS_PER_SECOND={needs.calls_per_second:g}"
    if not times:
        remark = f"{setting}; no call was placed yet, so that nobody knows whether Twilio keeps up."
        return [Finding(RATE, Verdict.WARN, remark, "Look again after the first hundred calls. Accounts begin with 1.")]
    wait = times[min(len(times) - 1, int(len(times) * NINE_OF_TEN))]
    seen = f"{setting}; of the latest {len(times)} calls nine in ten waited {wait / 1000:.1f} s or less at Twilio."
    if wait <= WAIT_OK_MS:
        return [Finding(RATE, Verdict.OK, seen)]
    verdict = Verdict.WARN if wait <= WAIT_BAD_MS else Verdict.FAIL
    raised = "by Twilio's sales" if needs.calls_per_second > SELF_SERVE else "in Twilio's console"
    do = f"Lower the setting, or have the account's calls per second raised {raised}"
    return [Finding(RATE, verdict, seen, f"{do}: what queues there may ring after its hours.")]


def concurrency(survey: Survey, account: AccountFacts, needs: Needs) -> list[Finding]:
    """How many calls at once the account may have, against the agents, who each hold one and talk in another."""
    wanted = needs.agents * 2
    if account.is_trial:
        return [_at_once(wanted, TRIAL_AT_ONCE, "A trial account has", "Upgrade the account.")]
    if account.opened_at is not None and account.opened_at < LIMITS_SINCE:
        return [Finding(AT_ONCE, Verdict.OK, "The account is older than the limits of February 2026.")]
    profiles = survey.approved_profiles()
    if profiles == 0:
        do = "Have a primary customer profile approved in Twilio's Trust Hub; a business one lifts the limit."
        return [_at_once(wanted, UNPROFILED_AT_ONCE, "Without an approved customer profile an account has", do)]
    return [Finding(AT_ONCE, Verdict.OK, "A customer profile is approved: a person's allows 3, a business's any.")]


def _at_once(wanted: int, limit: int, why: str, do: str) -> Finding:
    verdict = Verdict.FAIL if wanted > limit else Verdict.WARN
    return Finding(AT_ONCE, verdict, f"{why} {limit} calls at once; all agents in talk need {wanted}.", do)


def countries(survey: Survey, needs: Needs) -> Sequence[Finding]:
    """Where people are on file, or sellers where nobody is."""
    if not needs.callers:
        return [Finding(GEO, Verdict.OK, "No campaign calls.")]
    closed = [country for country in needs.countries if not survey.may_call(country)]
    if closed:
        do = "Allow them in Twilio's console: Voice, Settings, Geo permissions. Texts have a page of their own."
        return [Finding(GEO, Verdict.FAIL, f"Twilio refuses calls to {', '.join(closed)}.", do)]
    return [Finding(GEO, Verdict.OK, f"Calls may go to {', '.join(needs.countries) or 'nobody yet'}.")]
