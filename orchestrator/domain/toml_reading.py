"""TOML that people write, read into a checked form; what is wrong is said in one sentence."""

import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from enum import StrEnum
from typing import Annotated, Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from orchestrator.domain.errors import UserError

Form = TypeVar("Form", bound=BaseModel)
Choice = TypeVar("Choice", bound=StrEnum)
Item = TypeVar("Item")

# Tables are strict, so that "5" is no number; but TOML knows neither our enums nor tuples and sets.
OneOf = Annotated[Choice, Field(strict=False)]
Several = Annotated[tuple[Item, ...], Field(strict=False)]
SetOf = Annotated[frozenset[OneOf[Choice]], Field(strict=False)]

# pydantic's names for what may be wrong, in the words of somebody who edits the file.
WORDING: Mapping[str, str] = {
    "missing": "is missing; add it",
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
    "string_type": "must be text in quotes",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must name at least {min_length}",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "list_type": "must be a list in square brackets",
    "tuple_type": "must be a list in square brackets",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be at most {le:g}",
}


class Table(BaseModel):
    """A TOML table of which every field is known."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def parse_toml(text: str, what: str) -> dict[str, Any]:
    """The text as nested tables; raises UserError that says where it stops being TOML."""
    try:
        return tomllib.loads(text)
    except ValueError as error:  # a number of thousands of digits is refused by Python, not by its TOML
        reason = str(error)
        raise UserError(f"{what} cannot be read as TOML: {reason[0].lower()}{reason[1:]}.") from None
    except RecursionError:
        raise UserError(
            f"{what} cannot be read as TOML: its tables or lists nest too deeply; write them flat."
        ) from None


def checked(form: type[Form], tables: Mapping[str, Any], what: str) -> Form:
    """The tables in their form; raises UserError about the first thing to change, unknown fields before all others."""
    try:
        return form.model_validate(dict(tables))
    except ValidationError as error:
        problems = error.errors(include_url=False)
        unknown = [problem for problem in problems if problem["type"] == "extra_forbidden"]
        raise UserError(f"{what}: {_sentence((unknown or problems)[0], form)}") from None


def nearest(name: str, known: Sequence[str]) -> str:
    """The known name that was probably meant, in a clause that can be shown; else all that are known."""
    close = get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    return f"did you mean '{close[0]}'?" if close else f"known are {', '.join(known)}."


def _sentence(problem: Any, form: type[BaseModel]) -> str:
    path = [part for part in problem["loc"] if part != "[key]"]
    if problem["type"] == "extra_forbidden":
        known = _fields_at(form, path[:-1])
        if len(path) == 1 and (within := _path_to(form, str(path[0]))):
            return f"'{path[0]}' is no known field; did you mean '{within}'?"
        return f"'{_dotted(path)}' is no known field; {nearest(str(path[-1]), known)}"
    if problem["type"] == "value_error":
        said = str(problem["ctx"]["error"])
        return f"'{_dotted(path)}' {said}." if path else f"{said}."
    wording = WORDING.get(problem["type"])
    said = wording.format(**problem.get("ctx", {})) if wording else _lower(problem["msg"])
    return f"'{_dotted(path)}' {said}{_given(problem)}."


def _given(problem: Any) -> str:
    value = problem.get("input")
    is_plain = isinstance(value, str | int | float) and problem["type"] != "missing"
    return f", not {value!r}" if is_plain and value != "" else ""


def _lower(message: str) -> str:
    return f"cannot be used: {message[:1].lower()}{message[1:].rstrip('.')}"


def _dotted(path: Sequence[object]) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in path)


def _fields_at(form: type[BaseModel], path: Sequence[object]) -> list[str]:
    for part in path:
        field = form.model_fields.get(str(part))
        form = _table_in(field.annotation if field else None) or form
    return list(form.model_fields)


def _path_to(form: type[BaseModel], field: str) -> str | None:
    """Where the field stands in a table of the form, as in attempts.cadence."""
    inner = {name: _table_in(info.annotation) for name, info in form.model_fields.items()}
    return next((f"{name}.{field}" for name, table in inner.items() if table and field in table.model_fields), None)


def _table_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _table_in(part))), None)
