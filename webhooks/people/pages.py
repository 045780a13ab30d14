"""How a page is answered: its language, its headers, nothing of anybody else's, and nothing kept."""

from collections.abc import Mapping
from typing import Any

from flask import Response, make_response, render_template, request

from webhooks.people.desk import people_desk

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "interest-cohort=()",
    "Cache-Control": "no-store",
}


def page(template: str, language: str, status: int = 200, **facts: Any) -> Response:
    """The template with the words of that language."""
    house = people_desk()
    words = house.words_in(language)
    filled = render_template(template, words=words, language=language, path=house.path, **facts)
    answer = make_response(filled, status)
    answer.headers.update(HEADERS)
    answer.vary.add("Accept-Language")
    return answer


def notice(kind: str, language: str, status: int = 200, title: str | None = None, **fields: str) -> Response:
    """A page of one title and one sentence: sent, closed, gone …"""
    words: Mapping[str, str] = people_desk().words_in(language)
    headline = words[title or f"{kind}_title"]
    return page("notice.html", language, status, title=headline, sentence=words[kind].format(**fields))


def wished_language() -> str | None:
    """What the visitor asked for by the address, else by their browser, else nothing."""
    asked = request.args.get("lang", "")[:16]
    spoken = people_desk().words
    if asked in spoken.by_language:
        return asked
    accepted = request.headers.get("Accept-Language", "")[:200]
    return spoken.language_of(accepted) if accepted else None
