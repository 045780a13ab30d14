"""`orchestrator messages classify`: what people mean by their answers, one JSON line in, one out."""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.compliance.opt_out import OptOutWords, read
from orchestrator.config_files import load_opt_out_words
from orchestrator.domain.errors import UserError
from orchestrator.settings import config_dir

STANDARD_INPUT = "-"


def classify(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help='Lines like {"text": "…", "language": "es"}; - reads standard input.')
    ],
) -> None:
    """Say of each message whether it means stop, start, help, perhaps a refusal (unsure), or something other.

    One JSON line each, in the same order: {"intent": …, "matched": the word or phrase that decided, null for other}. A
    line that cannot be read gets an error with its number, and the command ends with 1.
    """
    words = load_opt_out_words(config_dir())
    if file == STANDARD_INPUT:
        failed = _print(answers(sys.stdin.buffer, words))
    else:
        with Path(file).open("rb") as lines:
            failed = _print(answers(lines, words))
    if failed:
        raise typer.Exit(1)


def answers(lines: Iterable[bytes], words: OptOutWords) -> Iterator[dict[str, object]]:
    """One answer or error for each line that is not blank."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _answer(number, line, words)


def _answer(number: int, line: bytes, words: OptOutWords) -> dict[str, object]:
    try:
        text, language = _message(line)
    except UserError as error:
        return {"line": number, "error": f"Line {number}: {error}"}
    reading = read(text, words, language)
    return {"intent": reading.intent.value, "matched": reading.matched}


def _message(line: bytes) -> tuple[str, str | None]:
    """The text and its language; UserError for what is no message."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        raise UserError('this is no JSON; write {"text": "…"}.') from None
    if not isinstance(said, dict) or not isinstance(said.get("text"), str):
        raise UserError('text is missing or is no text; write {"text": "…"}.')
    language = said.get("language")
    if not (language is None or isinstance(language, str)):
        raise UserError('language must be a text such as "es", or left out.')
    return said["text"], language


def _print(found: Iterable[dict[str, object]]) -> bool:
    """Print them as they come; whether any was an error."""
    failed = False
    for answer in found:
        failed = failed or "error" in answer
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    return failed
