"""Every command of the product, with the function that runs it."""

from collections.abc import Iterator
from importlib import import_module

import typer

from orchestrator.cli.main import NOUNS, VERBS


def commands() -> Iterator[tuple[str, str]]:
    """What a person types, and the dotted name of its function."""
    for verb in VERBS:
        yield verb, f"orchestrator.cli.{verb}.{verb}"
    for noun in NOUNS:
        yield from _of(import_module(f"orchestrator.cli.{noun.replace('-', '_')}").app, (noun,))


def _of(app: typer.Typer, words: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for command in app.registered_commands:
        assert command.callback is not None
        name = command.name or command.callback.__name__.strip("_")
        yield " ".join((*words, name)), f"{command.callback.__module__}.{command.callback.__name__}"
    for group in app.registered_groups:
        assert group.typer_instance is not None
        more = (group.name,) if isinstance(group.name, str) else ()
        yield from _of(group.typer_instance, (*words, *more))
