"""Environment -> one frozen Settings, validated at start; secrets never print themselves."""

import os
import re
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from orchestrator.clock import FASTEST_TRUE_SPEED, Clock
from orchestrator.domain.errors import SettingError

DEFAULT_DATABASE_URL = "sqlite:///orchestrator.sqlite3"
WAITS = frozenset({"lease", "doubt", "silence", "http"})
SECONDS = re.compile(r"\d+(\.\d+)?")

# pydantic's names for what may be wrong with a number, in the words of somebody who sets it.
WORDING = {
    "float_parsing": "must be a number",
    "finite_number": "must be a number",
    "int_parsing": "must be a whole number",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than_equal": "must be at most {le:g}",
    "string_pattern_mismatch": "must be a sid of the carrier: two letters (WS for a workspace, WW for a workflow) and "
    "32 hexadecimal digits",
}


class Settings(BaseSettings):
    """Every setting, by its environment name; each command asks for what it uses by ``require``."""

    model_config = SettingsConfigDict(frozen=True, populate_by_name=True, extra="ignore", hide_input_in_errors=True)

    database_url: str = Field(DEFAULT_DATABASE_URL, validation_alias="ORCHESTRATOR_DATABASE_URL")
    secret_keys: SecretStr | None = Field(None, validation_alias="ORCHESTRATOR_SECRET_KEYS")
    public_url: str | None = Field(None, validation_alias="ORCHESTRATOR_PUBLIC_URL")
    people_url: str | None = Field(None, validation_alias="ORCHESTRATOR_PEOPLE_URL")
    trusted_proxies: int = Field(0, ge=0, le=9, validation_alias="ORCHESTRATOR_TRUSTED_PROXIES")
    twilio_api_url: str | None = Field(None, validation_alias="ORCHESTRATOR_TWILIO_API_URL")
    clock_text: str | None = Field(None, validation_alias="ORCHESTRATOR_CLOCK")
    waits_text: str | None = Field(None, validation_alias="ORCHESTRATOR_WAITS")
    calls_per_second: float = Field(1.0, ge=0.01, le=1000, validation_alias="ORCHESTRATOR_CALLS_PER_SECOND")
    segments_per_second: float = Field(1.0, ge=0.01, le=1000, validation_alias="ORCHESTRATOR_SEGMENTS_PER_SECOND")
    placement_threads: int = Field(16, ge=1, le=256, validation_alias="ORCHESTRATOR_PLACEMENT_THREADS")
    nightly_scrub_hour: int = Field(6, ge=0, le=23, validation_alias="ORCHESTRATOR_NIGHTLY_SCRUB_HOUR")
    nightly_reconcile_hour: int = Field(3, ge=0, le=23, validation_alias="ORCHESTRATOR_NIGHTLY_RECONCILE_HOUR")
    consent_api: bool = Field(False, validation_alias="ORCHESTRATOR_TWILIO_CONSENT_API")
    nightly_heads_hour: int = Field(4, ge=0, le=23, validation_alias="ORCHESTRATOR_NIGHTLY_HEADS_HOUR")
    heads_dir: Path | None = Field(None, validation_alias="ORCHESTRATOR_HEADS_DIR")
    nightly_retention_hour: int = Field(4, ge=0, le=23, validation_alias="ORCHESTRATOR_NIGHTLY_RETENTION_HOUR")
    registries_dir: Path | None = Field(None, validation_alias="ORCHESTRATOR_REGISTRIES_DIR")
    erasure_journal: Path | None = Field(None, validation_alias="ORCHESTRATOR_ERASURE_JOURNAL")
    emergency_feed: Path | None = Field(None, validation_alias="ORCHESTRATOR_EMERGENCY_FEED")
    taskrouter_workspace: str | None = Field(
        None, pattern=r"^WS[0-9a-fA-F]{32}$", validation_alias="ORCHESTRATOR_TASKROUTER_WORKSPACE"
    )
    taskrouter_workflow: str | None = Field(
        None, pattern=r"^WW[0-9a-fA-F]{32}$", validation_alias="ORCHESTRATOR_TASKROUTER_WORKFLOW"
    )
    taskrouter_channel: str = Field("voice", validation_alias="ORCHESTRATOR_TASKROUTER_CHANNEL")
    taskrouter_available: str = Field("Available", validation_alias="ORCHESTRATOR_TASKROUTER_AVAILABLE")
    taskrouter_outbound: str = Field("Outbound calls", validation_alias="ORCHESTRATOR_TASKROUTER_OUTBOUND")
    account_sid: str | None = Field(None, validation_alias="TWILIO_ACCOUNT_SID")
    auth_token: SecretStr | None = Field(None, validation_alias="TWILIO_AUTH_TOKEN")
    api_key: str | None = Field(None, validation_alias="TWILIO_API_KEY")
    api_secret: SecretStr | None = Field(None, validation_alias="TWILIO_API_SECRET")

    @field_validator("public_url", "people_url", "twilio_api_url")
    @classmethod
    def _absolute(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must be an absolute http or https URL")
        if "_" in parts.hostname:
            raise ValueError("must not have an underscore in its host name: the carrier refuses such callbacks")
        return url.rstrip("/")

    @field_validator("twilio_api_url")
    @classmethod
    def _sealed(cls, url: str | None) -> str | None:
        if url is not None and url.startswith("http://") and not is_loopback(url):
            raise ValueError("must be https beyond this machine: credentials and numbers travel with each request")
        return url

    @model_validator(mode="after")
    def _other_times_only_on_loopback(self) -> Self:
        Clock.parse(self.clock_text)
        parse_waits(self.waits_text)
        if self.clock_text and not is_loopback(self.twilio_api_url):
            raise ValueError(
                "ORCHESTRATOR_CLOCK is refused unless ORCHESTRATOR_TWILIO_API_URL is a loopback address: "
                "a moved clock must never decide about real people"
            )
        if self.waits_text and not is_loopback(self.twilio_api_url):
            raise ValueError(
                "ORCHESTRATOR_WAITS is refused unless ORCHESTRATOR_TWILIO_API_URL is a loopback address: "
                "with a shorter lease a call that the real carrier took late could be placed twice"
            )
        return self

    @property
    def clock(self) -> Clock:
        """The world's clock."""
        return Clock.parse(self.clock_text)

    @property
    def waits(self) -> dict[str, float]:
        """The waits that differ from what is built in, by name, in real seconds."""
        return parse_waits(self.waits_text)

    def warn_of_speed(self) -> None:
        """Say that waits stop being true where the world runs faster than they can be kept."""
        if self.clock.speed > FASTEST_TRUE_SPEED:
            sys.stderr.write(f"ORCHESTRATOR_CLOCK runs x{self.clock.speed:g}: over x30 short waits are not kept.\n")

    def require(self, *names: str) -> None:
        """Raise SettingError naming the first of these fields that is not set."""
        for name in names:
            if getattr(self, name) is None:
                alias = type(self).model_fields[name].validation_alias
                raise SettingError(f"{alias} is not set; set it in the environment (README.md lists the settings).")


def parse_waits(text: str | None) -> dict[str, float]:
    """Read ``lease=2,doubt=0.2``; raises SettingError with the form to use."""
    pairs = [part.partition("=") for part in (text or "").split(",") if part.strip()]
    named = {name.strip(): seconds.strip() for name, _, seconds in pairs}
    if not named.keys() <= WAITS or not all(SECONDS.fullmatch(seconds) for seconds in named.values()):
        raise SettingError(
            f'ORCHESTRATOR_WAITS must read "lease=2,doubt=0.2" in real seconds; it may name {", ".join(sorted(WAITS))}.'
        )
    return {name: float(seconds) for name, seconds in named.items()}


def is_loopback(url: str | None) -> bool:
    """Whether the URL's host is this machine."""
    host = urlsplit(url or "").hostname
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def load() -> Settings:
    """Read the environment; raises SettingError that names what is wrong and never shows a value."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingError(_sentence(error)) from None


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    wording = WORDING.get(first["type"])
    message = wording.format(**first.get("ctx", {})) if wording else first["msg"].removeprefix("Value error, ")
    return f"{where}: {message}." if where else f"{message}."


def config_dir() -> Path:
    """Where law and policy lie: ORCHESTRATOR_CONFIG_DIR, else beside the package."""
    named = os.environ.get("ORCHESTRATOR_CONFIG_DIR")
    path = Path(named) if named else Path(__file__).resolve().parent.parent / "config"
    if not path.is_dir():
        raise SettingError(
            f"ORCHESTRATOR_CONFIG_DIR: {path} is no directory; name the folder that holds rules/ and strategies/."
        )
    if named and not any((path / part).is_dir() for part in ("rules", "numbering", "strategies")):
        raise SettingError(
            f"ORCHESTRATOR_CONFIG_DIR: {path} holds no rules/; name a folder like config/, with rules/ and strategies/."
        )
    return path
