"""The summary of an audit, for somebody who has to answer for the calls."""

from collections.abc import Iterator

from orchestrator.pipeline.audit import Verdicts
from orchestrator.pipeline.audit_facts import Claims
from orchestrator.pipeline.audit_people import People
from orchestrator.pipeline.audit_report import AuditReport, RuleTally

HEADS = {
    Verdicts.UNLAWFUL: "unlawful: a rule says no, and every fact that it needs is known",
    Verdicts.UNPROVEN: "unproven: nothing known speaks against the call, but facts are missing",
    Verdicts.AGAINST_POLICY: "against policy alone: lawful, but not by this rulebook's own caution",
    Verdicts.LAWFUL: "lawful",
}


def told(report: AuditReport, claims: Claims, people: People) -> Iterator[str]:
    """The summary line by line."""
    asked = f"{claims.purpose.value} by a {claims.caller_kind.value} caller".replace("_", " ")
    yield f"{report.outbound:,} outbound calls, asked about as {asked}:"
    for finding in Verdicts:
        yield f"  {report.findings[finding]:>9,}  {HEADS[finding]}"
    yield from _aside(report, people)
    if report.rules:
        yield ""
        yield "Rules that calls broke:"
    for tally in report.broken():
        yield from _rule(tally)
    if report.missing:
        yield ""
        yield "What is not known of the unproven calls (one call may lack several):"
        for fact, calls in report.missing.most_common():
            yield f"  {calls:>9,}  {fact}"


def _aside(report: AuditReport, people: People) -> Iterator[str]:
    if report.inbound:
        yield f"  {report.inbound:>9,}  came in, and count as history alone"
    for reason, rows in report.unreadable.most_common():
        yield f"  {rows:>9,}  rows were not judged: {reason}"
    if report.not_on_list:
        yield f"{report.not_on_list:,} calls went to numbers that the list does not hold; only the number is known."
    if people.undated_noes:
        yield (
            f"{people.undated_noes:,} people are marked do-not-call without a date: every call to them counts, as if "
            "the no came first. A column with the date would tell."
        )
    yield "The share of abandoned calls is a duty of a campaign as a whole; no single call is judged by it."


def _rule(tally: RuleTally) -> Iterator[str]:
    yield f"  {tally.calls:>9,}  {tally.rule} ({tally.rule_class.value}): {tally.citation}"
    for judged, rule in tally.examples:
        call = judged.call
        yield f"             line {call.line}, {call.number}, {call.at:%Y-%m-%d %H:%M:%S} UTC: {rule.because}"
