"""A page says the same in every form, and nothing that it says is taken for markup."""

import json
import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.page import Gap, Heading, Page, Points, Rows, Text
from orchestrator.pipeline.accountability.rendering import as_html, as_markdown, page_form

TAGS = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "ul", "li", "strong"} | {
    *("table", "thead", "tbody", "tr", "th", "td"),
}
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the parser's signature
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.said.append(data)


@given(WORDS, WORDS)
def test_what_people_wrote_is_said_and_makes_no_tag(said: str, cell: str) -> None:
    page = Page(said, (Heading(said), Text(said), Points((said,)), Gap(said, cell), Rows((said,), ((cell,),))))
    reader = _Reader()
    reader.feed(as_html(page))
    assert "".join(reader.said).count(said) >= 5
    assert reader.tags <= TAGS
    lines = as_markdown(page).splitlines()
    assert sum(line.startswith("# ") for line in lines) == 1
    assert [len(re.findall(r"(?<!\\)\|", line)) for line in lines if line.startswith("| ")] == [2, 2, 2]
    assert json.loads(json.dumps(page_form(page)))["blocks"][4] == {"table": [{said: cell}]}


def test_a_page_fetches_nothing_and_names_its_language() -> None:
    html = as_html(Page("Hinweis", (Text("Guten Tag"),), "de"))
    assert '<html lang="de">' in html
    assert "default-src 'none'" in html
    assert not re.search(r"(src|href)=", html)
