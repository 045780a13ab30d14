"""Ask the compliance gate: one question a line in, one answer a line out."""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.compliance.answer_form import answer_form
from orchestrator.compliance.foundations import founded
from orchestrator.compliance.gate import decide
from orchestrator.compliance.question import parse_question
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.errors import UserError
from orchestrator.law import load_rulebook
from orchestrator.settings import config_dir

STANDARD_INPUT = "-"


def check(
    file: Annotated[
        str | None, typer.Argument(metavar="FILE", help="Questions as JSON Lines; - reads standard input.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Also tell the rules that allowed.")] = False,
    fields: Annotated[bool, typer.Option("--fields", help="Print every field of a question and end.")] = False,
) -> None:
    """Ask the gate each question of FILE and print one JSON answer a line, in the same order.

    A line that is no question gets an error with its number; the rest is answered all the same, and the command ends
    with 1. What a question may say is printed by --fields.
    """
    if fields:
        _print_fields()
        return
    if file is None:
        raise UserError("Name a FILE of questions, or - for standard input; --fields tells what a question may say.")
    rulebook = founded(load_rulebook(config_dir()))
    if file == STANDARD_INPUT:
        failed = _print(answers(sys.stdin.buffer, rulebook, every=every))
    else:
        with Path(file).open("rb") as lines:
            failed = _print(answers(lines, rulebook, every=every))
    if failed:
        raise typer.Exit(1)


def _print_fields() -> None:
    from orchestrator.cli.check_fields import question_fields

    for field in question_fields():
        left_out = "needed" if field.needed else f"else {field.default}" if field.default is not None else ""
        sys.stdout.write(f"{field.path:<50} {left_out:<13} {field.takes}\n")


def answers(lines: Iterable[bytes], rulebook: Rulebook, *, every: bool) -> Iterator[dict[str, object]]:
    """One answer or error for each line that is not blank."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _answer(number, line, rulebook, every=every)


def _answer(number: int, line: bytes, rulebook: Rulebook, *, every: bool) -> dict[str, object]:
    try:
        request = parse_question(json.loads(line, object_pairs_hook=_once))
    except (ValueError, RecursionError):
        return {"line": number, "error": f"Line {number} is not JSON."}
    except UserError as error:
        return {"line": number, "error": f"Line {number}: {_asked(str(error))}"}
    return answer_form(decide(request, rulebook, all_rules=every), request.id)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object whose fields stand once each: of two, a no might be the one that is lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        seen = [name for name, _ in pairs]
        raise UserError(f"{next(name for name in seen if seen.count(name) > 1)} stands twice; write it once.")
    return found


def _asked(sentence: str) -> str:
    """A sentence that ends by asking what was meant, with its question mark."""
    return f"{sentence[:-1]}?" if "did you mean" in sentence and sentence.endswith("'.") else sentence


def _print(found: Iterable[dict[str, object]]) -> bool:
    """Print them as they come; whether any was an error."""
    failed = False
    for answer in found:
        failed = failed or "error" in answer
        sys.stdout.write(json.dumps(answer) + "\n")
    return failed
