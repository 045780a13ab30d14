"""What somebody says in their own words at the command line: never the number of a payment card, and never nothing."""

from collections.abc import Sequence
from typing import TypeVar

import typer

from orchestrator.domain.card_numbers import refuse_cards
from orchestrator.domain.errors import UserError

Words = TypeVar("Words", str, Sequence[str], None)


def own_words(param: typer.CallbackParam, value: Words) -> Words:
    """The words as they were typed; UserError for a card number, which must not be kept anywhere."""
    texts: Sequence[str] = [value] if isinstance(value, str) else value or ()
    for text in texts:
        refuse_cards(text, max(param.opts, key=len))
    return value


def needed_words(param: typer.CallbackParam, value: str) -> str:
    """The same of words that a record must have: UserError where nothing is said."""
    if not value.strip():
        raise UserError(f"{max(param.opts, key=len)} is empty; say it in words, since it is kept on record.")
    return own_words(param, value)
