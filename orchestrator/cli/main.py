"""The command `orchestrator`: nouns, and how every error reaches a person as one sentence."""

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from orchestrator.domain.errors import OrchestratorError

BAD_INPUT, USAGE, FAILED, INTERRUPTED, UNREAD = 1, 2, 70, 130, 141  # 141: as the shell has it for a closed pipe
PLAIN = {  # what the parser of commands says of a value, in plain words
    "Value error, ": "",
    "Input should be a valid integer, unable to parse string as an integer": "it must be a whole number.",
    "Input should be a valid number, unable to parse string as a number": "it must be a number.",
}
TOO_LARGE = "A number that you typed is larger than any that is kept here; look it up in the list that shows it."
NO_TEXT = "Something that you typed is not text in UTF-8; type it again, or set LANG to a UTF-8 one, as in C.UTF-8."
OURS = frozenset(
    {"IntegrityError", "ProgrammingError", "CompileError"}
)  # the database is there, and we asked it wrongly
SANDBOX_OPTIONS = {"allow_extra_args": True, "ignore_unknown_options": True}

# Each is imported when it is asked for, so that `check` need not wait for a database driver.
NOUNS = (
    "accountability",
    "agents",
    "callers",
    "campaigns",
    "consents",
    "detection",
    "documents",
    "emergencies",
    "evidence",
    "lists",
    "messages",
    "opt-ins",
    "registries",
    "retention",
    "rights",
    "rules",
    "sellers",
    "senders",
    "twilio",
)
VERBS = (
    "audit",
    "backup",
    "callbacks",
    "check",
    "demo",
    "explain",
    "halt",
    "migrate",
    "rehearse",
    "restore",
    "sandbox",
    "suppress",
    "worker",
)


class Commands(TyperGroup):
    """The commands by name; a module is imported only when its command runs or all are listed."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - click's signature
        """Every name."""
        return sorted((*NOUNS, *VERBS))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - click's signature
        """The command of that name, None for an unknown one."""
        if cmd_name not in {*NOUNS, *VERBS}:
            return None
        module = import_module(f"orchestrator.cli.{cmd_name.replace('-', '_')}")
        if cmd_name in NOUNS:
            return _named(get_command(module.app), cmd_name)
        return _named(get_command(_alone(getattr(module, cmd_name), cmd_name)), cmd_name)


def _alone(verb: Callable[..., Any], name: str) -> typer.Typer:
    app = typer.Typer(add_completion=False)
    app.command(name, context_settings=SANDBOX_OPTIONS if name == "sandbox" else None)(verb)
    return app


def _named(command: Any, name: str) -> Any:
    command.name = name
    return command


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Outbound call and SMS campaigns on Twilio, within the law and with proof.",
)


@app.callback()
def _root() -> None:
    """Outbound call and SMS campaigns on Twilio, within the law and with proof."""


def run() -> None:
    """Run the command; what goes wrong is said in one sentence on standard error."""
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except OrchestratorError as error:
        _leave(str(error), BAD_INPUT)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(UNREAD)
    except SystemExit as leaving:  # the parser of commands ends with 1 where nobody reads any more
        sys.exit(UNREAD if isinstance(leaving.__context__, BrokenPipeError) else leaving.code)
    except (KeyboardInterrupt, typer.Abort):
        _leave("Stopped.", INTERRUPTED)
    except OSError as error:
        _leave(f"{error.filename or 'The system'}: {error.strerror or error}.", BAD_INPUT)
    except Exception as error:  # the last stop before the user, who is shown a sentence and no traceback
        if os.environ.get("ORCHESTRATOR_DEBUG"):
            raise
        _leave(*_said(error))


def _said(error: Exception) -> tuple[str, int]:
    """The sentence for an error that none of ours is; a mistyped command or a database that is away is no fault."""
    if hasattr(error, "format_message"):  # click's, for a command that was not understood
        message = _plain(error.format_message())
        return (f"{message} --help shows what can be said." if message else ""), USAGE
    if isinstance(error, UnicodeEncodeError) and any(map(_is_no_text, sys.argv)):
        return NO_TEXT, BAD_INPUT
    if _is_out_of_range(error):
        return TOO_LARGE, BAD_INPUT
    if type(error).__module__.startswith("sqlalchemy") and type(error).__name__ not in OURS:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        return f"The database cannot be used: {reason}. Check ORCHESTRATOR_DATABASE_URL.", BAD_INPUT
    return f"This is a fault of ours: {error!r}. Set ORCHESTRATOR_DEBUG=1 to see where, and report it.", FAILED


def _is_no_text(word: str) -> bool:
    """Whether it came with bytes that are no UTF-8, which stand in it as halves of pairs."""
    return any("\ud800" <= one <= "\udfff" for one in word)


def _is_out_of_range(error: Exception) -> bool:
    """Whether the database has no room for a number: PostgreSQL says so, and SQLite's driver refuses it by itself."""
    said = getattr(getattr(error, "orig", None), "sqlstate", None)
    return said == "22003" or (isinstance(error, OverflowError) and "SQLite INTEGER" in str(error))


def _plain(message: str) -> str:
    for said, plain in PLAIN.items():
        message = message.replace(said, plain)
    return message


def _leave(sentence: str, code: int) -> None:
    sys.stderr.write(f"{sentence}\n" if sentence else "")
    sys.exit(code)
