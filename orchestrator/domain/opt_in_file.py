"""An opt-in page as a TOML file, and as the JSON that the database keeps."""

import string
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

import phonenumbers
from pydantic import AfterValidator, Field, TypeAdapter, model_validator

from orchestrator.domain.contact_request import ConsentChannel, ConsentLevel, Purpose
from orchestrator.domain.errors import UserError
from orchestrator.domain.file_fields import CONFIG_NAME, E164, MESSAGING_SERVICE
from orchestrator.domain.opt_in import Choice, OptInPage, PageText
from orchestrator.domain.people_words import PeopleWords, bare
from orchestrator.domain.toml_reading import OneOf, Several, Table, checked, parse_toml

WHAT = "The opt-in page"
FIELDS_OF_THE_MESSAGE = frozenset({"brand", "offer", "frequency", "rates"})
STATIC = "static"  # below it lies how the pages look
LONGEST_MESSAGE = 459  # three segments: it asks for one word and sells nothing


def _name(text: str) -> str:
    if not CONFIG_NAME.fullmatch(text):
        raise ValueError(f"must be a name of small letters, digits and dashes, not '{text}'")
    return text


def _page_id(text: str) -> str:
    if len(text) < 2:
        raise ValueError("must have at least two letters: shorter addresses are the pages' own")
    if text == STATIC:
        raise ValueError(f"must not be '{STATIC}': that address is the pages' own")
    return _name(text)


def _line(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("must be one printed line without spaces around it")
    return text


def _country(text: str) -> str:
    if text not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"must be countries by two letters, as in US or GB, not '{text}'")
    return text


def _valid_for(text: str) -> str:
    return text if text == "*" else _country(text)


def _sender(text: str) -> str:
    if not E164.fullmatch(text) and not (text.isascii() and text.isdigit() and 5 <= len(text) <= 8):
        raise ValueError(f"must be a full number in E.164 or a short code, which people can answer, not '{text}'")
    return text


def _service(text: str) -> str:
    if not MESSAGING_SERVICE.fullmatch(text):
        raise ValueError("must be MG and 32 hexadecimal digits, as the carrier shows it")
    return text


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname or not text.isascii() or not text.isprintable():
        raise ValueError("must be an https address that people can open")
    return text


def _keyword(text: str) -> str:
    if not bare(text) or " " in bare(text):
        raise ValueError("must be one word, as in JOIN")
    return text


Line = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_line)]
Name = Annotated[str, AfterValidator(_name)]
Address = Annotated[str, AfterValidator(_address)]


class _Choice(Table):
    id: Name
    channel: OneOf[ConsentChannel]
    purpose: OneOf[Purpose]
    automated: bool = False

    @model_validator(mode="after")
    def _one_channel(self) -> "_Choice":
        if self.channel is ConsentChannel.ANY:
            raise ValueError("must name one channel, voice or sms: each is ticked by itself")
        return self


class _Text(Table):
    title: Line
    intro: Line
    choices: dict[Name, Line] = Field(min_length=1)
    offer: Annotated[Line, Field(max_length=80)]
    frequency: Annotated[Line, Field(max_length=120)]
    rates: Line
    way_out: Line
    condition: Line
    own_number: Line
    privacy: Line
    terms: Line
    button: Line
    confirmation: Line
    validity: Line | str = ""

    @model_validator(mode="after")
    def _can_be_filled(self) -> "_Text":
        named = {name for _, name, _, _ in string.Formatter().parse(self.confirmation) if name is not None}
        if not named <= FIELDS_OF_THE_MESSAGE or "brand" not in named:
            raise ValueError(
                "has a confirmation that must name {brand}, and beside it only {offer}, {frequency}, {rates}"
            )
        return self


class _Page(Table):
    id: Annotated[str, AfterValidator(_page_id)]
    seller: Line
    brand: Annotated[Line, Field(max_length=80)]
    version: Annotated[Line, Field(max_length=64)]
    countries: Annotated[Several[Annotated[str, AfterValidator(_country)]], Field(min_length=1)]
    sender: Annotated[str, AfterValidator(_sender)] | None = None
    messaging_service: Annotated[str, AfterValidator(_service)] | None = None
    keyword: Annotated[str, AfterValidator(_keyword)] | None = None
    list: Annotated[Line, Field(max_length=200)] | None = None
    level: OneOf[ConsentLevel] = ConsentLevel.EXPRESS_WRITTEN
    privacy_url: Address
    privacy_version: Annotated[Line, Field(max_length=64)]
    terms_url: Address
    most_a_day: int = Field(1000, ge=1, le=1_000_000)
    valid_days: dict[Annotated[str, AfterValidator(_valid_for)], Annotated[int, Field(ge=1, le=3660)]] = Field(
        default_factory=dict
    )
    choices: Annotated[Several[_Choice], Field(min_length=1)]
    texts: dict[str, _Text] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> "_Page":
        if (self.sender is None) == (self.messaging_service is None):
            raise ValueError("must name either a sender or a messaging_service, one of the two")
        if self.level not in {ConsentLevel.EXPRESS, ConsentLevel.EXPRESS_WRITTEN}:
            raise ValueError("asks for a level that no form can give: use express or express_written")
        ids = [choice.id for choice in self.choices]
        if len({*ids}) < len(ids):
            raise ValueError("names two choices by the same id")
        for language, text in self.texts.items():
            if text.choices.keys() != {*ids}:
                raise ValueError(f"must have a statement for each choice in texts.{language}.choices: {', '.join(ids)}")
            if bool(text.validity) != bool(self.valid_days):
                raise ValueError(f"must have texts.{language}.validity where it has valid_days, and only there")
        return self


def parse_page(text: str, words: PeopleWords) -> OptInPage:
    """The page that the file describes, with the words that it does not give itself; raises UserError."""
    tables = parse_toml(text, WHAT)
    texts = tables.get("texts")
    if isinstance(texts, Mapping):
        tables["texts"] = {language: _completed(language, own, words) for language, own in texts.items()}
    form = checked(_Page, tables, WHAT)
    page = OptInPage(
        **{name: value for name, value in form if name not in {"list", "choices", "texts"}},
        list_name=form.list,
        choices=tuple(Choice(**dict(choice)) for choice in form.choices),
        texts={language: PageText(**dict(own)) for language, own in form.texts.items()},
        yes=words.yes,
        no=words.no,
    )
    _require_short(page)
    return page


def _completed(language: object, own: Any, words: PeopleWords) -> Any:
    if language not in words.by_language:
        raise UserError(
            f"{WHAT}: texts.{language} is in a language that the pages do not speak; there are "
            f"{', '.join(words.by_language)}, and config/people.toml takes more."
        )
    return {**words.of_pages[str(language)], **own} if isinstance(own, Mapping) else own


def _require_short(page: OptInPage) -> None:
    for language in page.languages:
        length = len(page.confirmation(language))
        if length > LONGEST_MESSAGE:
            raise UserError(
                f"{WHAT}: the confirmation in {language} has {length} characters; shorten brand, offer or frequency "
                f"until it has {LONGEST_MESSAGE} at most."
            )


PAGE = TypeAdapter(OptInPage)


def page_as_dict(page: OptInPage) -> dict[str, Any]:
    """The page as JSON, fields named as in OptInPage, sets sorted."""
    written: dict[str, Any] = PAGE.dump_python(page, mode="json")
    return {**written, "yes": sorted(written["yes"]), "no": sorted(written["no"])}


def page_from_dict(written: Mapping[str, Any]) -> OptInPage:
    """The page that ``page_as_dict`` wrote; nothing is judged again, since what was shown must stay readable."""
    return PAGE.validate_python(dict(written))
