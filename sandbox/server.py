"""Starts and stops a sandbox, in a thread of a test or as a process of its own."""

import argparse
import ipaddress
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from sandbox.app import App
from sandbox.checks import is_number
from sandbox.errors import SandboxError
from sandbox.http_server import SandboxHTTPServer
from sandbox.mix import Mix, load_mix
from sandbox.verbs import VERBS
from sandbox.world import SandboxConfig, World

DEFAULT_BIND = "127.0.0.1:8900"


class RunningSandbox:
    """A sandbox that serves until it is stopped; ``url`` is its base, without a slash at the end."""

    def __init__(self, server: SandboxHTTPServer, world: World) -> None:
        self._server = server
        self.world = world
        self._thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="sandbox-http", daemon=True
        )
        host, port = server.server_address[:2]
        shown = host.decode() if isinstance(host, bytes) else str(host)
        self.url = f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"

    def start(self) -> None:
        """Begin to serve."""
        self.world.courier.start()
        self.world.agenda.start()
        self._thread.start()

    def stop(self) -> None:
        """End at once: open connections are cut, deliveries on their way are not waited for."""
        self._server.shutdown()
        self._server.close_connections()
        self._server.server_close()
        self.world.agenda.stop()
        self.world.courier.stop()

    def __enter__(self) -> "RunningSandbox":
        """It serves already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()


def serve(bind: str, config: SandboxConfig) -> RunningSandbox:
    """A sandbox that serves on ``host:port``, port 0 for any free one; SandboxError where it may not or cannot."""
    host, port = _address(bind)
    loopback = _is_loopback(host)
    if not loopback and not config.anywhere:
        raise SandboxError(f"The sandbox binds to loopback addresses only; {host} needs --anywhere.")
    world = World(config, VERBS)
    try:
        server = SandboxHTTPServer((host, port), App(world, control_allowed=loopback))
    except OSError as error:
        raise SandboxError(f"The sandbox cannot listen on {bind}: {error.strerror or error}.") from error
    sandbox = RunningSandbox(server, world)
    sandbox.start()
    return sandbox


def _address(bind: str) -> tuple[str, int]:
    host, _, port = bind.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdigit() or int(port) > 65535:
        raise SandboxError(f"'{bind}' must read host:port, as in {DEFAULT_BIND}.")
    return host, int(port)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until interrupted or terminated; 2 where the arguments cannot be used."""
    arguments = _parser().parse_args(argv)
    try:
        sandbox = serve(arguments.bind, _config(arguments))
    except SandboxError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with sandbox:
        sys.stdout.write(f"The sandbox listens on {sandbox.url}\n")
        sys.stdout.flush()
        stopped.wait()
    return 0


def _config(arguments: argparse.Namespace) -> SandboxConfig:
    if bool(arguments.api_key) != bool(arguments.api_secret):
        raise SandboxError("An API key needs both --api-key and --api-secret.")
    for number in arguments.number:
        if not is_number(number):
            raise SandboxError(f"--number {number} must be in E.164 form, as in +12025550123.")
    for name in ("calls_per_second", "segments_per_second"):
        if not getattr(arguments, name) > 0:
            raise SandboxError(f"--{name.replace('_', '-')} must be above 0.")
    return SandboxConfig(
        account_sid=arguments.account_sid,
        auth_token=arguments.auth_token,
        api_key=(arguments.api_key, arguments.api_secret) if arguments.api_key else None,
        calls_per_second=arguments.calls_per_second,
        segments_per_second=arguments.segments_per_second,
        seed=arguments.seed,
        mix=load_mix(arguments.population) if arguments.population else Mix(),
        numbers=tuple(arguments.number),
        inbound_url=arguments.inbound_url,
        inbound_voice_url=arguments.inbound_voice_url,
        anywhere=arguments.anywhere,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A local carrier that speaks Twilio's API.")
    parser.add_argument("--bind", default=DEFAULT_BIND, help="host:port (default: %(default)s)")
    parser.add_argument("--account-sid", required=True, help="the account that clients sign in with")
    parser.add_argument("--auth-token", required=True, help="its token, which also signs callbacks")
    parser.add_argument("--api-key", help="sid of an API key that is accepted as well")
    parser.add_argument("--api-secret", help="its secret")
    parser.add_argument("--calls-per-second", type=float, default=1.0, help="of world time (default: %(default)s)")
    parser.add_argument(
        "--segments-per-second", type=float, default=1.0, help="a sender, world time (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed is another population (default: %(default)s)")
    parser.add_argument(
        "--number",
        action="append",
        default=[],
        metavar="E164",
        help="the account's, with the inbound addresses; repeat",
    )
    parser.add_argument("--inbound-url", help="where texts to numbers without a SmsUrl are posted")
    parser.add_argument("--inbound-voice-url", help="where calls to numbers without a VoiceUrl ask for their document")
    parser.add_argument("--population", type=Path, metavar="FILE.toml", help="shares and ranges of the population")
    parser.add_argument(
        "--anywhere", action="store_true", help="bind beyond loopback; control paths are then not served"
    )
    return parser
