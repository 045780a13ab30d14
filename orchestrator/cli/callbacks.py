"""`orchestrator callbacks`: the server that the carrier's callbacks reach."""

import socket
from importlib import import_module
from typing import Annotated, Any

import typer

from orchestrator.cli.law_notice import warn_of_rulebook
from orchestrator.domain.errors import UserError

APPLICATION = "webhooks.wsgi:app"
DEFAULT_BIND = "127.0.0.1:8000"
THREADS = 16  # callbacks that share a commit; each waits, none computes


def callbacks(
    bind: Annotated[
        str, typer.Option(help="HOST:PORT to listen on; TLS is the proxy's in front of it.")
    ] = DEFAULT_BIND,
    workers: Annotated[int, typer.Option(min=1, help="Processes; one on SQLite, which has one writer.")] = 1,
) -> None:
    """Receive the carrier's callbacks until interrupted."""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels

    from orchestrator import bootstrap

    host, port = _address(bind)
    house = bootstrap.build(may_make=True)
    house.settings.require("public_url", "account_sid", "auth_token")
    if house.store.is_sqlite and workers > 1:
        raise UserError("--workers must be 1 on SQLite, which has one writer; use PostgreSQL for more.")
    _require_free(host, port)
    warn_of_rulebook(house)
    house.store.engine.dispose()  # the worker process opens its own
    typer.echo(f"Callbacks are received on http://{bind} for {house.settings.public_url}.", err=True)
    Granian(
        APPLICATION,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.error,
    ).serve(target_loader=_load)


def _load(application: str) -> Any:
    """Ours, and not what may lie under the same name in the folder that we were started in, where the server looks."""
    module, _, name = application.partition(":")
    return getattr(import_module(module), name)


def _address(bind: str) -> tuple[str, int]:
    host, _, port = bind.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise UserError(f"--bind '{bind}' must read HOST:PORT, as in {DEFAULT_BIND}.")
    return host, int(port)


def _require_free(host: str, port: int) -> None:
    """Two servers on one port would share the callbacks between them unnoticed."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UserError(
                f"--bind {host}:{port} cannot be used: {error.strerror}. Is another server there?"
            ) from None
