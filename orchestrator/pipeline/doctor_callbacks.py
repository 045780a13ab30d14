"""Whether our public address answers, and whether signatures survive the way to it."""

from orchestrator.domain.account import Answered, Finding, Probe, Verdict
from orchestrator.pipeline.doctor_needs import Needs

REACH, SIGN = "callback reachability", "callback signature"
START = (
    "Start `orchestrator callbacks` and let the proxy that ends TLS pass everything on to it; ORCHESTRATOR_PUBLIC_URL "
    "is the address as Twilio sees it."
)
UNCHANGED = (
    "The proxy must pass path, query, body and X-Twilio-Signature on unchanged, and the callbacks server must run with "
    "this ORCHESTRATOR_PUBLIC_URL and this TWILIO_AUTH_TOKEN."
)
OPEN = "Stop that server: whoever answers there takes callbacks from strangers. Only `orchestrator callbacks` may."


def callbacks(probe: Probe, needs: Needs) -> list[Finding]:
    """Reachability first; signatures only where it is given."""
    reached = _reached(probe.health(), needs.public_url)
    if reached.verdict is Verdict.FAIL:
        return [reached]
    return [reached, _signed(probe.signed(), probe.tampered())]


def _reached(answer: Answered, public_url: str) -> Finding:
    if answer.status is None:
        return Finding(REACH, Verdict.FAIL, f"{public_url}/health: {answer.why}.", START)
    if answer.location is not None and 300 <= answer.status < 400:
        seen = f"{public_url}/health sends on to another address ({answer.status}); a callback would lose its fields."
        return Finding(REACH, Verdict.FAIL, seen, "Set ORCHESTRATOR_PUBLIC_URL to the address that it sends on to.")
    if answer.status != 200 or answer.body.strip() != "ok":
        seen = f"{public_url}/health answers {answer.status}, and not as the callbacks server does."
        return Finding(REACH, Verdict.FAIL, seen, START)
    if public_url.startswith("http://"):
        seen = "It answers, and over plain HTTP: numbers and names travel in clear."
        return Finding(REACH, Verdict.WARN, seen, "Put a proxy that ends TLS in front, and set an https address.")
    return Finding(REACH, Verdict.OK, f"{public_url}/health answers from here; Twilio's own way to it was not tried.")


def _signed(signed: Answered, tampered: Answered) -> Finding:
    if signed.status == 403:
        return Finding(SIGN, Verdict.FAIL, "A rightly signed request was refused (403).", UNCHANGED)
    if signed.status != 404:
        seen = signed.why or f"it answers {signed.status}"
        return Finding(SIGN, Verdict.FAIL, f"A rightly signed request came to no answer of ours: {seen}.", UNCHANGED)
    if tampered.status != 403:
        return Finding(SIGN, Verdict.FAIL, "A request that was changed after it was signed was not refused.", OPEN)
    return Finding(SIGN, Verdict.OK, "A signed request passes, and a tampered one is refused.")
