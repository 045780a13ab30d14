"""What one field of a campaign's file may hold, and what its author is told where it may not."""

import re
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

import phonenumbers
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from orchestrator.domain.message_text import FIELD, LONGEST_TEXT, links_in
from orchestrator.domain.text_sender import SenderType, type_of
from orchestrator.domain.toml_reading import Item, Several

E164 = re.compile(r"\+[1-9]\d{6,14}")
MESSAGING_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
CONFIG_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def is_callable_number(text: str) -> bool:
    """Whether it is written in E.164 and could be given out in its country's numbering plan."""
    return E164.fullmatch(text) is not None and phonenumbers.is_valid_number(phonenumbers.parse(text))


def _number(text: str) -> str:
    if not is_callable_number(text):
        raise ValueError(f"must be a full number in E.164, as in +12125550100, not '{text}'")
    return text


def _named_in_config(text: str) -> str:
    if not CONFIG_NAME.fullmatch(text):
        raise ValueError(f"must be a name of small letters, digits and dashes, not '{text}'")
    return text


def _campaign_name(text: str) -> str:
    if text.isdigit() or not text.isprintable() or text != text.strip():
        raise ValueError("must be one printed line without spaces around it and with more than digits in it")
    return text


def _messaging_service(text: str) -> str:
    if not MESSAGING_SERVICE.fullmatch(text):
        raise ValueError("must be MG and 32 hexadecimal digits, as the carrier shows it")
    return text


def _sender(text: str) -> str:
    if type_of(text) in {None, SenderType.SERVICE}:
        raise ValueError(f"must be a full number in E.164, a short code or a name of at most 11 letters, not '{text}'")
    return text


def _language(text: str) -> str:
    if not LANGUAGE.fullmatch(text):
        raise ValueError("must be a language, as in en, es or fr-CA")
    return text


def _template(text: str) -> str:
    if any(brace in FIELD.sub("", text) for brace in "{}"):
        raise ValueError("must hold each field in braces as small letters alone, as in {first_name}")
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"has {len(text)} characters; a message has {LONGEST_TEXT} at most")
    plain = [link for link in links_in(text) if not link.lower().startswith("https://")]
    if plain:
        raise ValueError(f"must hold links as https:// alone, not '{plain[0]}'")
    return text


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname or not text.isascii() or not text.isprintable():
        raise ValueError("must be the https address of an audio file that the carrier can fetch")
    return text


def _a_moment(value: Any) -> Any:
    if not isinstance(value, datetime | str):
        raise ValueError("must be a date and time with its offset, as in 2026-11-23T09:00:00Z")  # noqa: TRY004
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError("must say its offset from UTC, as in 2026-11-23T09:00:00Z")
    return value


def _each_once(items: tuple[Item, ...]) -> tuple[Item, ...]:
    twice = [item for item in items if items.count(item) > 1]
    if twice:
        raise ValueError(f"names '{twice[0]}' twice")
    return items


Text = Annotated[str, Field(min_length=1)]
Number = Annotated[str, AfterValidator(_number)]
ConfigName = Annotated[str, AfterValidator(_named_in_config)]
Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_a_moment)]
Listed = Annotated[Several[Item], AfterValidator(_each_once)]
AtLeastOne = Annotated[Several[Item], Field(min_length=1), AfterValidator(_each_once)]
CampaignName = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_campaign_name)]
MessagingService = Annotated[str, AfterValidator(_messaging_service)]
Sender = Annotated[str, AfterValidator(_sender)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
ByLanguage = Annotated[
    dict[Annotated[str, AfterValidator(_language)], Annotated[Text, AfterValidator(_template)]], Field(min_length=1)
]
