"""What the files of each registry look like: data in config/registries/, one TOML file a format."""

import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from orchestrator.domain.errors import SettingError, UserError


class _Described(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(_Described):
    """Where a part of the number, or the answer, stands in a row: a column, its possible names, or a width.

    ``digits``: exactly so many, and nothing but digits. ``pad`` is the side that spaces fill up.
    """

    column: int | None = Field(None, ge=1)
    names: tuple[str, ...] = ()
    width: int | None = Field(None, ge=1)
    pad: Literal["left", "right"] = "right"
    digits: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.column is not None) + bool(self.names) + (self.width is not None) != 1:
            raise ValueError("a part has exactly one of column, names and width")
        return self


class Markup(_Described):
    """Which elements hold area codes and numbers, and in which attribute; ``root`` must be closed at the end.

    ``flag``: the attributes of a number, in lower case, that may say in a change list whether it was added or deleted.
    """

    root: str
    area: str
    number: str
    attribute: str
    flag: tuple[str, ...] = ()


class Form(_Described):
    """One shape that a registry's rows have; a file keeps to one from its first row to its last.

    ``status`` holds the answer of a wash, or the word for added or deleted. A ``date`` must be one and is not used:
    every listing binds at once, which is the strict reading. ``remaining``: a wash that came back without the listed.
    """

    about: str
    number: tuple[Part, ...] = ()
    status: Part | None = None
    date: Part | None = None
    columns: int | None = Field(None, ge=1)
    delimiters: str = ","
    xml: Markup | None = None
    remaining: bool = False

    @model_validator(mode="after")
    def _of_one_kind(self) -> Self:
        if bool(self.number) == (self.xml is not None):
            raise ValueError("a form has either number or xml")
        if len({part.width is None for part in self.number}) > 1 or len({bool(part.names) for part in self.parts}) > 1:
            raise ValueError("a form's parts are all columns, all names or all widths")
        return self

    @property
    def parts(self) -> tuple[Part, ...]:
        """Every place that a row must have."""
        return (*self.number, *(part for part in (self.status, self.date) if part is not None))

    @property
    def has_header(self) -> bool:
        """Whether the first row names the columns."""
        return any(part.names for part in self.parts)

    @property
    def is_fixed_width(self) -> bool:
        """Whether rows are cut by widths."""
        return any(part.width is not None for part in self.parts)


class Numbering(_Described):
    """How national numbers become E.164: the trunk prefix falls away, the calling code comes before.

    ``lengths`` are digits without the trunk prefix; numbers that begin with a digit of ``bare`` stand without it.
    """

    calling_code: int
    trunk: str = ""
    lengths: tuple[int, ...]
    bare: str = ""
    bare_lengths: tuple[int, ...] = ()


class Statuses(_Described):
    """The words, in lower case, by which a wash says what it found; ``unknown`` leaves the number unanswered."""

    listed: tuple[str, ...]
    not_listed: tuple[str, ...]
    unknown: tuple[str, ...] = ()


class Changes(_Described):
    """What change lists look like: rows of a number and a word, in lower case, for added or deleted."""

    added: tuple[str, ...]
    deleted: tuple[str, ...]
    forms: tuple[Form, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _flagged(self) -> Self:
        if any(form.status is None and not (form.xml and form.xml.flag) for form in self.forms):
            raise ValueError("every form of a change list has a status, or in xml a flag")
        return self


class Profile(_Described):
    """A format, and what an absent number means: not listed (full), or not known (wash).

    ``coverage`` says what a full file covers when nobody says it: the area codes found in it, the profile's countries,
    every country, or the one that the registry's id begins with. ``numbers`` None: E.164 alone. ``owner`` seller: the
    registry answers one seller, and no other may use what it said. ``whole`` is set where a change list is read: the
    profile of the full lists. ``regional``: the registry is of the region that its id names, as us-la of Louisiana.
    """

    name: str
    about: str
    registries: tuple[str, ...]
    kind: Literal["full", "wash"] = "full"
    encoding: Literal["ascii", "utf-8", "latin-1", "cp1252"] = "utf-8"
    owner: Literal["installation", "seller"] = "installation"
    coverage: Literal["area-codes", "countries", "registry", "everywhere"] = "countries"
    countries: tuple[str, ...] = ()
    regional: bool = False
    numbers: Numbering | None = None
    statuses: Statuses | None = None
    changes: Changes | None = None
    dates: tuple[str, ...] = ("%Y-%m-%d", "%Y%m%d", "%m/%d/%Y")
    forms: tuple[Form, ...] = Field(min_length=1)
    whole: "Profile | None" = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        answering = [form for form in self.forms if not form.remaining]
        if len(answering) < len(self.forms) and self.kind != "wash":
            raise ValueError("only a wash comes back with the remaining numbers")
        washes = [form.status is not None for form in answering]
        if not all(wash == (self.kind == "wash") for wash in washes) or (self.statuses is None) == any(washes):
            raise ValueError("a wash has statuses and every form of it a status; a full list has neither")
        if (self.coverage == "countries" or self.kind == "wash") and not self.countries:
            raise ValueError("countries are missing")
        if self.kind == "wash" and (self.owner != "seller" or self.changes is not None):
            raise ValueError("a wash is its seller's alone (owner) and has no changes")
        return self

    @property
    def expected(self) -> str:
        """What a row may look like, for a person."""
        return " or ".join(form.about for form in self.readable)

    @property
    def readable(self) -> tuple[Form, ...]:
        """The forms that its files may have; what is left of a wash is read as such alone, never as answers."""
        return tuple(form for form in self.forms if not form.remaining) or self.forms

    @property
    def sort(self) -> str:
        """What the files are, for a person."""
        return f"{self.name} {'change lists' if self.whole else 'files'}"

    @property
    def remainders(self) -> "Profile | None":
        """The profile of washes that come back without the listed numbers; None where there are none."""
        forms = tuple(form for form in self.forms if form.remaining)
        if not forms or forms == self.forms:
            return None
        return self.model_copy(update={"forms": forms, "statuses": None})

    @property
    def change_lists(self) -> "Profile | None":
        """The same registry's change lists as a profile; listed is added. None where none are known."""
        if self.changes is None:
            return None
        statuses = Statuses(listed=self.changes.added, not_listed=self.changes.deleted)
        return self.model_copy(update={"forms": self.changes.forms, "statuses": statuses, "whole": self})

    @property
    def one_sided(self) -> "Profile":
        """The profile of files of additions or deletions alone, whose rows are those of full lists."""
        return self.model_copy(update={"whole": self})


def load(folder: Path) -> dict[str, Profile]:
    """Every profile in the folder, by name; raises SettingError that names the file and what is wrong in it."""
    return {path.stem: parse(path.stem, path.read_text("utf-8")) for path in sorted(folder.glob("*.toml"))}


def parse(name: str, text: str) -> Profile:
    """Read one profile; raises SettingError."""
    try:
        return Profile(name=name, **tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SettingError(f"config/registries/{name}.toml is no TOML: {error}.") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise SettingError(f"config/registries/{name}.toml: {where + ': ' if where else ''}{message}.") from None


def choose(profiles: dict[str, Profile], registry: str, named: str | None = None) -> Profile:
    """The profile that reads this registry's files; raises UserError that names the nearest one there is."""
    found = [profile for profile in profiles.values() if registry in profile.registries]
    if named is not None:
        return _named(profiles, named).model_copy(update=_ownership(found))
    if found:
        return found[0]
    known = sorted({registry for profile in profiles.values() for registry in profile.registries})
    raise UserError(
        f"No file of a registry '{registry}' can be read{_nearest(registry, known)}; known are {', '.join(known)}. "
        "For another registry add --profile e164, or write a profile of your own into config/registries."
    )


def _ownership(own: list[Profile]) -> dict[str, object]:
    """Another format does not make a registry's answers anybody else's, nor its numbers another region's."""
    owner = {"owner": "seller"} if any(profile.owner == "seller" for profile in own) else {}
    return {**owner, "regional": any(profile.regional for profile in own)}


def _named(profiles: dict[str, Profile], name: str) -> Profile:
    if name in profiles:
        return profiles[name]
    raise UserError(f"There is no profile '{name}'{_nearest(name, sorted(profiles))}; use {', '.join(profiles)}.")


def _nearest(word: str, known: list[str]) -> str:
    near = get_close_matches(word, known, n=1)
    return f" (did you mean {near[0]}?)" if near else ""
