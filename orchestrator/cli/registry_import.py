"""Import a do-not-call registry: a full list, the answer of a wash, or what changed since."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import MAXYEAR, UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from orchestrator.bootstrap import House, build
from orchestrator.cli.counted import counted
from orchestrator.cli.progress import counting
from orchestrator.cli.registry_forms import print_json, snapshot_form
from orchestrator.domain.errors import UserError
from orchestrator.domain.registry_snapshot import Coverage
from orchestrator.pipeline.registry_import import ImportReport, import_changes, import_registry
from orchestrator.registries import profiles, scope
from orchestrator.registries.builder import Origin
from orchestrator.registries.changes import ChangeFiles
from orchestrator.registries.plausibility import Plausibility, home_of
from orchestrator.settings import config_dir

EARLIEST_YEAR = 2000  # no registry of ours is older


def import_(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="The registry: us-national, uk-tps, au-dncr …")],
    obtained_at: Annotated[
        str, typer.Option("--obtained-at", metavar="ISO", help="When the files were got; a bare date means 00:00 UTC.")
    ],
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE…", help="Its files as they came, zipped or not.")
    ] = None,
    seller: Annotated[
        str | None, typer.Option("--seller", help="Only for this seller; without it for all of the installation.")
    ] = None,
    coverage: Annotated[
        str | None,
        typer.Option(
            "--coverage", help="Countries or area codes that the files cover: US or 212,315; of changes, all."
        ),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option("--profile", help="The format, where the registry has none of its own: e164, us-state."),
    ] = None,
    changes: Annotated[
        bool, typer.Option("--changes", help="The files say what was added and deleted since the newest version.")
    ] = False,
    added: Annotated[
        list[Path] | None, typer.Option("--added", metavar="FILE", help="A file of additions alone; may be repeated.")
    ] = None,
    deleted: Annotated[
        list[Path] | None, typer.Option("--deleted", metavar="FILE", help="A file of deletions alone.")
    ] = None,
    asked: Annotated[
        list[Path] | None,
        typer.Option("--asked", metavar="FILE", help="What was sent, where FILE is what is left of it."),
    ] = None,
    no_changes: Annotated[
        bool, typer.Option("--no-changes", help="Nothing was added or deleted since: a list that changes nothing is.")
    ] = False,
    fewer: Annotated[
        bool, typer.Option("--fewer", help="It is whole, though it holds far fewer numbers than the version before.")
    ] = False,
    elsewhere: Annotated[
        bool, typer.Option("--elsewhere", help="It is this state's list, though most numbers are of other states.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Import a version of a registry, or changes to it; a wrong, truncated or mixed file is refused as a whole."""
    given = _Given(
        files=files or [],
        changes=changes,
        added=added or [],
        deleted=deleted or [],
        asked=asked or [],
        no_changes=no_changes,
        coverage=coverage,
        fewer=fewer,
        elsewhere=elsewhere,
    )
    given.check()
    house = build(may_make=True)
    chosen = profiles.choose(profiles.load(config_dir() / "registries"), kind, profile)
    origin = Origin(
        registry=kind, obtained_at=moment(obtained_at), seller_id=seller, coverage=given.countries_or_areas()
    )
    with counting(f"Reading {kind}", "numbers") as progress:
        report = _imported(house, chosen, given, origin, progress)
    print_json(_import_form(report)) if as_json else _say_import(report)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """The files as they were named on the command line, and what was said of them."""

    files: Sequence[Path]
    changes: bool
    added: Sequence[Path]
    deleted: Sequence[Path]
    asked: Sequence[Path]
    no_changes: bool
    coverage: str | None
    fewer: bool
    elsewhere: bool

    @property
    def is_change(self) -> bool:
        """Whether they change a version; a list is never guessed to be one."""
        return self.changes or bool(self.added or self.deleted)

    @property
    def covers_all(self) -> bool:
        """Whether the changes are of everything that the registry covers."""
        return self.is_change and self.coverage is not None and self.coverage.strip().lower() == "all"

    def countries_or_areas(self) -> Coverage | None:
        """What they cover, where that was said; raises UserError."""
        return scope.parse(self.coverage) if self.coverage is not None and not self.covers_all else None

    def check(self) -> None:
        """Raise UserError where they do not go together."""
        if not (self.files or self.added or self.deleted):
            raise UserError("No file was given: orchestrator registries import KIND FILE… --obtained-at ISO")
        if self.files and self.is_change and not self.changes:
            raise UserError(
                f"Is {self.files[0].name} the full list, or does it say what was added and deleted? Leave --added and "
                "--deleted out for a full list; add --changes if its rows say both."
            )
        if self.changes and not self.files:
            raise UserError("--changes needs FILE…, whose rows say added or deleted.")
        if self.asked and self.is_change:
            raise UserError("--asked is for a wash, which knows no changes.")

    def as_changes(self) -> ChangeFiles:
        """As the import wants them."""
        return ChangeFiles(
            flagged=self.files,
            added=self.added,
            deleted=self.deleted,
            covers_all=self.covers_all,
            may_change_nothing=self.no_changes,
        )


def _imported(
    house: House, chosen: profiles.Profile, given: _Given, origin: Origin, progress: Callable[[int], None]
) -> ImportReport:
    shared = house.store, house.registries_dir, chosen
    if given.is_change:
        return import_changes(*shared, given.as_changes(), origin, house.clock.now(), progress)
    home = None if given.elsewhere else home_of(chosen, origin.registry, config_dir())
    plausible = Plausibility(home=home, fewer=given.fewer)
    return import_registry(*shared, given.files, origin, house.clock.now(), progress, given.asked, plausible)


def moment(text: str) -> datetime:
    """The moment that a person named, in UTC; one without a zone is taken for UTC, and that is said."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UserError(f"--obtained-at: '{text}' is no moment; write it as 2026-11-22 or 2026-11-22T09:00Z.") from None
    if not EARLIEST_YEAR <= at.year < MAXYEAR:
        raise UserError(f"--obtained-at: {text} cannot be; say when the files were got, as in 2026-11-22.")
    if at.tzinfo is None and len(text.strip()) > len("2026-11-22"):
        typer.echo(f"--obtained-at: {text} has no time zone and is taken for UTC.", err=True)
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)


def _import_form(report: ImportReport) -> dict[str, Any]:
    own = {"records": report.records, "new": report.is_new, "newest": report.is_newest, "reopened": report.reopened}
    changes = asdict(report.changes) if report.changes is not None else None
    return {
        **snapshot_form(report.snapshot),
        **own,
        "before": report.before,
        "base": list(report.base),
        "changes": changes,
    }


def _say_import(report: ImportReport) -> None:
    snapshot = report.snapshot
    what = "imported" if report.is_new else "was here already"
    numbers = f"{snapshot.numbers:,} listed number{'s' if snapshot.numbers != 1 else ''}"
    typer.echo(f"{snapshot.registry}: {numbers}, covering {snapshot.coverage}; {what}.")
    if report.before is not None:
        typer.echo(f"Before {report.before:,}, now {snapshot.numbers:,}: it replaces what answered there before.")
    if report.changes is not None:
        counts = report.changes
        typer.echo(
            f"{counts.added:,} added and {counts.deleted:,} deleted; {counts.again:,} to be added were listed already."
        )
    if not report.is_newest:
        typer.echo("A newer version is here and answers first where both cover a number.", err=True)
    if report.reopened:
        typer.echo(f"Due again, since they waited for it: {counted(report.reopened, 'person', 'people')}.")
