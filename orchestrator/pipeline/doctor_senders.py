"""Numbers and messaging services: ours, able, and pointing here."""

from collections.abc import Mapping, Sequence
from urllib.parse import urldefrag

from orchestrator.domain.account import Finding, OwnNumber, ServiceFacts, Survey, Verdict
from orchestrator.log import masked
from orchestrator.pipeline.doctor_needs import Needs

NUMBERS, MESSAGING, A2P = "numbers", "messaging", "a2p"
CALLS, MESSAGES = "/inbound/calls", "/inbound/messages"
TOLL_FREE = ("+1800", "+1833", "+1844", "+1855", "+1866", "+1877", "+1888")
VERIFIED, FAILED = "VERIFIED", "FAILED"
PROVISION = "Set it in Twilio's console, or let `orchestrator twilio provision` do it."
RETRIED = "so a delivery is lost while this server restarts"


def numbers(survey: Survey, needs: Needs) -> Sequence[Finding]:
    """Each caller id and sender: owned, able to do what it is for, and answered by us."""
    wanted = sorted({*needs.callers, *(text for text in needs.texters if text.startswith("+"))})
    if not wanted:
        return [Finding(NUMBERS, Verdict.OK, "No campaign names a number.")]
    owned = {one.number: one for one in survey.numbers()}
    foreign = [number for number in wanted if number not in owned]
    verified = survey.verified_callers() if foreign else frozenset()
    findings = [finding for number in wanted if number in owned for finding in _own(owned[number], needs)]
    findings += [_foreign(number, number in verified and number not in needs.texters) for number in foreign]
    good = Finding(NUMBERS, Verdict.OK, f"All {len(wanted)} are the account's, able, and answered here.")
    return findings or [good]


def _foreign(number: str, is_verified: bool) -> Finding:
    if is_verified:
        seen = f"{masked(number)} is not the account's own, but may be shown."
        return Finding(NUMBERS, Verdict.WARN, seen, "Who calls it back must reach the seller and be able to opt out.")
    seen = f"{masked(number)} is not of this account."
    return Finding(NUMBERS, Verdict.FAIL, seen, "Buy it, port it in, or take it out of the campaign's file.")


def _own(one: OwnNumber, needs: Needs) -> list[Finding]:
    findings: list[Finding] = []
    if one.number in needs.callers:
        findings += _able(one, one.voice, "calls")
        findings += _diverted(one) or _points_here(one, "voice", one.voice_url, needs.public_url + CALLS)
    if one.number in needs.texters:
        findings += _able(one, one.sms, "texts")
        findings += _points_here(one, "message", one.sms_url, needs.public_url + MESSAGES)
    return findings


def _named(one: OwnNumber) -> str:
    return f"{masked(one.number)} ({one.sid})"


def _able(one: OwnNumber, able: bool, what: str) -> list[Finding]:
    seen, do = f"{_named(one)} cannot take {what}.", "Use another number for them."
    return [] if able else [Finding(NUMBERS, Verdict.FAIL, seen, do)]


def _diverted(one: OwnNumber) -> list[Finding]:
    if one.diverted_to is None:
        return []
    seen = f"Calls to {_named(one)} are answered by {one.diverted_to}, not by us."
    return [Finding(NUMBERS, Verdict.FAIL, seen, "Take it off the number: who calls back must be able to opt out.")]


def _points_here(one: OwnNumber, what: str, url: str | None, wanted: str) -> list[Finding]:
    if urldefrag(url or "").url != wanted:
        seen = f"The {what} address of {_named(one)} is not {wanted}."
        return [Finding(NUMBERS, Verdict.FAIL, seen, PROVISION)]
    if "rc=" not in urldefrag(url or "").fragment:
        seen = f"The {what} address of {_named(one)} asks for no second delivery, {RETRIED}."
        return [Finding(NUMBERS, Verdict.WARN, seen, "Put #rc=3&rp=all behind it.")]
    return []


def services(survey: Survey, needs: Needs) -> Sequence[Finding]:
    """Each messaging service that a campaign names: there, and answered by us."""
    findings = [finding for sid in needs.services for finding in _service(sid, survey.service(sid), needs)]
    if findings:
        return findings
    seen = f"{len(needs.services)} messaging service(s), answered here." if needs.services else "No campaign names one."
    return [Finding(MESSAGING, Verdict.OK, seen)]


def _service(sid: str, facts: ServiceFacts | None, needs: Needs) -> list[Finding]:
    if facts is None:
        return [Finding(MESSAGING, Verdict.FAIL, f"{sid} is not of this account.", "Name another in the campaign.")]
    wanted = needs.public_url + MESSAGES
    if facts.by_number or urldefrag(facts.inbound_url or "").url == wanted:
        return []
    seen = f"The inbound address of {sid} is not {wanted}: a STOP in people's own words would never reach us."
    return [Finding(MESSAGING, Verdict.FAIL, seen, PROVISION)]


def us_texts(survey: Survey, needs: Needs) -> Sequence[Finding]:
    """Texts to the US: registered campaigns behind services, and no bare long codes."""
    if "US" not in needs.countries or not (needs.services or needs.texters):
        return [Finding(A2P, Verdict.OK, "Nobody in the US is texted.")]
    found = {sid: survey.service(sid) for sid in needs.services}
    findings = [_registered(sid, facts) for sid, facts in _there(found).items()]
    bare = [text for text in needs.texters if text.startswith("+1") and not text.startswith(TOLL_FREE)]
    return [*findings, *(_bare(number) for number in bare)] or [Finding(A2P, Verdict.OK, "No sender needs it.")]


def _there(found: Mapping[str, ServiceFacts | None]) -> dict[str, ServiceFacts]:
    return {sid: facts for sid, facts in found.items() if facts is not None}


def _registered(sid: str, facts: ServiceFacts) -> Finding:
    states = set(facts.us_campaigns)
    if VERIFIED in states:
        return Finding(A2P, Verdict.OK, f"{sid} has a verified US campaign.")
    if states - {FAILED}:
        seen = f"The US campaign of {sid} is {', '.join(sorted(states - {FAILED})).lower()}."
        return Finding(A2P, Verdict.WARN, seen, "Wait for its approval: US texts are refused until then (30034).")
    seen = f"{sid} has no US campaign{' that was approved' if states else ''}."
    return Finding(
        A2P, Verdict.FAIL, seen, "Register brand and campaign (A2P 10DLC) in Twilio's console, or use toll-free."
    )


def _bare(number: str) -> Finding:
    seen = f"{masked(number)} texts the US by itself, and Twilio registers campaigns by messaging service."
    return Finding(A2P, Verdict.WARN, seen, "Put it into a service with a verified campaign, and name that instead.")
