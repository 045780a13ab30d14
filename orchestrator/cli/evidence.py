"""`orchestrator evidence`: sealed logs, heads that leave the house, packs that answer, readings and breaches."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli import evidence_breaches
from orchestrator.cli.counted import counted
from orchestrator.cli.evidence_accesses import accesses
from orchestrator.cli.evidence_breach import breach
from orchestrator.cli.evidence_pack import pack
from orchestrator.cli.progress import counting
from orchestrator.domain.errors import UserError

if TYPE_CHECKING:
    from orchestrator.persistence.store import Store
    from orchestrator.pipeline.sealing.findings import Finding, LogReport, VerifyReport
    from orchestrator.pipeline.sealing.verifying import Kept

app = typer.Typer(no_args_is_help=True, help="Prove what was done, that nothing of it was changed, and who read it.")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
HeadsFile = Annotated[Path, typer.Argument(metavar="FILE", help="A file of heads, as `heads export` writes it.")]
heads_app = typer.Typer(no_args_is_help=True, help="Signed heads of the sealed logs, to be kept elsewhere.")
app.add_typer(heads_app, name="heads")
app.command("pack")(pack)
app.command("accesses")(accesses)
app.command("breach")(breach)
app.add_typer(evidence_breaches.app, name="breaches")


@app.command("verify")
def verify(
    file: Annotated[
        Path | None, typer.Argument(metavar="[PACK.zip]", help="An evidence pack: needs no database and no key.")
    ] = None,
    seller: Annotated[str | None, typer.Option(help="Only this seller's log, by id; * is the installation's.")] = None,
    head: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Heads that were kept elsewhere; repeatable.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find every edit, deletion, reordering, insertion and truncation of what was sealed, in tables or in a pack."""
    if file is not None:
        _verify_pack(file, as_json=as_json)
        return
    from orchestrator import bootstrap
    from orchestrator.pipeline.sealing.findings import report_form
    from orchestrator.pipeline.sealing.verifying import verify as verify_logs

    house = bootstrap.build()
    kept = _kept(house.store, head or ())
    with counting("Verifying", "entries") as progress:
        report = verify_logs(house.store, house.clock.now(), seller, kept, progress)
    if as_json:
        typer.echo(json.dumps(report_form(report), ensure_ascii=False))
    else:
        _show(report)
    if not report.is_sound:
        raise typer.Exit(1)


def _kept(store: "Store", files: "list[Path] | tuple[Path, ...]") -> "Kept":
    from orchestrator.pipeline.sealing.head_file import read_heads
    from orchestrator.pipeline.sealing.heads import is_ours

    kept: dict[str, dict[int, bytes]] = {}
    for path in files:
        file = read_heads(path)
        if not is_ours(store, file):
            raise UserError(
                f"{path.name} was signed with another key than this database holds: it is another installation's, or "
                "the key here was replaced."
            )
        for log, roots in file.roots.items():
            kept.setdefault(log, {}).update(roots)
    return kept


def _verify_pack(path: Path, *, as_json: bool) -> None:
    from orchestrator.pipeline.evidence.checking import check_pack

    result = check_pack(path)
    if as_json:
        typer.echo(json.dumps(result.form, ensure_ascii=False))
    else:
        for line in result.lines:
            typer.echo(line)
    if not result.is_sound:
        raise typer.Exit(1)


def _show(report: "VerifyReport") -> None:
    for log in report.logs:
        typer.echo(_log_line(log))
    for one in report.unsealed:
        since = f", the oldest of {one.oldest:%Y-%m-%d %H:%M:%S} UTC" if one.oldest else ""
        typer.echo(f"Not sealed yet: {one.count:,} of {one.form}{since}. A worker seals them within ten seconds.")
    rate = report.entries / report.seconds if report.seconds else 0
    typer.echo(f"{counted(report.entries, 'entry', 'entries')} in {report.seconds:.1f} s, {rate:,.0f} a second.")
    if report.is_sound:
        typer.echo("Nothing that was sealed was changed.")
    for finding in report.findings:
        typer.echo(f"BAD  {_told(finding, report)}")


def _log_line(log: "LogReport") -> str:
    whose = "the installation" if log.log == "*" else f"seller '{log.log}'"
    removed = "".join(f", {count:,} removed by right ({cause})" for cause, count in sorted(log.removed.items()))
    rejudged = f", {log.rejudged:,} judged anew on record" if log.rejudged else ""
    more = f", {log.more:,} more bad entries than are shown" if log.more else ""
    entries = counted(log.entries, "entry", "entries")
    return f"Log of {whose}: {entries}, {log.under_head:,} under a head{removed}{rejudged}{more}."


def _told(finding: "Finding", report: "VerifyReport") -> str:
    log = next((log for log in report.logs if log.log == finding.log), None)
    good = (
        "no head before it is good"
        if log is None or log.good is None
        else (f"last good head: {counted(log.good.size, 'entry', 'entries')}, {log.good.at:%Y-%m-%d %H:%M:%S} UTC")
    )
    where = "" if finding.position is None else f" entry {finding.position}"
    row = "" if finding.relation is None else f" ({finding.relation} {finding.row_id})"
    return f"log '{finding.log or 'any'}'{where}{row}: {finding.wrong}; {good}."


@heads_app.command("export")
def export_heads(
    file: HeadsFile,
    since: Annotated[
        Path | None, typer.Option(metavar="OLDER", help="Prove that the heads in this older file were their beginning.")
    ] = None,
) -> None:
    """Write the signed head of every log into a file; keep it where nobody who keeps the database can change it."""
    from orchestrator import bootstrap
    from orchestrator.pipeline.sealing.head_file import read_heads
    from orchestrator.pipeline.sealing.heads import export, write_whole

    house = bootstrap.build()
    exported = export(house.store, house.clock.now(), read_heads(since) if since is not None else None)
    write_whole(file, exported.text)
    typer.echo(f"{file}: {len(exported.content['heads'])} heads, SHA-256 {exported.digest}.")


@heads_app.command("countersign")
def countersign(
    file: HeadsFile,
    key: Annotated[Path | None, typer.Option(metavar="KEY.pem", help="Your own Ed25519 key.")] = None,
    by: Annotated[str, typer.Option(help="Who signs, as it shall stand there.")] = "",
    time_stamp: Annotated[
        Path | None, typer.Option("--time-stamp", metavar="TOKEN", help="An authority's RFC 3161 answer to attach.")
    ] = None,
) -> None:
    """Vouch for heads with a key of your own, or with a time-stamp; needs no database."""
    from orchestrator.pipeline.sealing import head_file
    from orchestrator.pipeline.sealing.heads import write_whole
    from orchestrator.pipeline.sealing.signatures import read_key

    if key is None and time_stamp is None:
        raise UserError(
            "Give --key with --by to sign with a key of your own, or --time-stamp with an authority's answer."
        )
    if key is not None and not by.strip():
        raise UserError("--by: say who signs, as in --by 'Auditor Ltd'.")
    heads = head_file.read_heads(file)
    if key is not None:
        heads = head_file.countersign(heads, read_key(key), by.strip(), datetime.now(UTC))
    if time_stamp is not None:
        heads = head_file.time_stamped(heads, time_stamp.read_bytes())
    write_whole(file, heads.text)
    typer.echo(f"{file}: {_vouched(heads.content)}.")


def _vouched(content: "Mapping[str, object]") -> str:
    from collections.abc import Sized

    counts = {name: content.get(name) for name in ("countersignatures", "time_stamps")}
    return ", ".join(
        f"{len(found) if isinstance(found, Sized) else 0} {name.replace('_', ' ')}" for name, found in counts.items()
    )


@heads_app.command("compare")
def compare(
    older: Annotated[Path, typer.Argument(metavar="OLDER", help="Heads that you kept.")],
    newer: Annotated[Path, typer.Argument(metavar="NEWER", help="Heads exported with --since OLDER.")],
) -> None:
    """Check that what the older heads were over is the beginning of what the newer ones are; needs no database."""
    from orchestrator.pipeline.sealing.head_file import differences, read_heads

    wrong = differences(read_heads(older), read_heads(newer))
    for one in wrong:
        typer.echo(f"BAD  {one[0].upper()}{one[1:]}.")
    if wrong:
        raise typer.Exit(1)
    typer.echo("Every log of the older file is the beginning of the same log in the newer one.")
