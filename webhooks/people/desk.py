"""What the pages need beside the desk: their words, their public address, and how the visitor's is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Request, current_app

from orchestrator.config_files import load_people_words
from orchestrator.domain.people_words import PeopleWords
from orchestrator.settings import Settings, config_dir
from webhooks.people.visitors import bare_address

EXTENSION = "orchestrator.people"
FORWARDED = "X-Forwarded-For"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleDesk:
    """``url`` is the public address without a slash at its end; ``proxies`` how many stand before us that we trust."""

    words: PeopleWords
    url: str
    proxies: int = 0

    @classmethod
    def of(cls, settings: Settings) -> "PeopleDesk":
        """From the settings and config/people.toml."""
        words = load_people_words(config_dir())
        return cls(words=words, url=settings.people_url or settings.public_url or "", proxies=settings.trusted_proxies)

    @property
    def path(self) -> str:
        """Under which path the pages stand on their host."""
        return f"{urlsplit(self.url).path}/people"

    def words_in(self, language: str) -> Mapping[str, str]:
        """The words of every page in a language that we speak."""
        return self.words.by_language[language]

    def address_of(self, request: Request) -> str:
        """Where the visitor comes from: what the outermost trusted proxy saw, never what the visitor claims.

        A proxy must drop headers with underscores: the server cannot tell X_Forwarded_For from the real one.
        """
        peer = request.remote_addr or "unknown"
        said = [one.strip() for one in request.headers.get(FORWARDED, "").split(",") if one.strip()]
        seen = [*said, peer]
        return bare_address(seen[max(0, len(seen) - 1 - self.proxies)])


def people_desk() -> PeopleDesk:
    """The one of the application that serves this request."""
    found: PeopleDesk = current_app.extensions[EXTENSION]
    return found
