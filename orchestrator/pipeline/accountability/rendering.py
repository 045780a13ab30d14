"""A page as Markdown, as HTML that stands alone, and as plain JSON; whatever it says is escaped in each."""

import re
from html import escape
from typing import Any

from orchestrator.domain.page import Block, Gap, Heading, Page, Points, Rows, Text

SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}"
    "table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{border:1px solid #999;padding:.3rem .5rem;"
    "text-align:left;vertical-align:top}th{background:#eee}td{overflow-wrap:anywhere;min-width:5em}"
    ".gap{border-left:.4rem solid #b35900;padding:.3rem .8rem;background:#fff4e6}"
    "@media print{body{margin:0;max-width:none}}"
)
WITHOUT_SCRIPT = "default-src 'none'; style-src 'unsafe-inline'"


def as_markdown(page: Page) -> str:
    """The page as Markdown; a gap stands in bold."""
    return "\n\n".join([f"# {_plain(page.title)}", *(_markdown(block) for block in page.blocks)]) + "\n"


def _markdown(block: Block) -> str:
    match block:
        case Heading():
            return f"## {_plain(block.text)}"
        case Text():
            return _plain(block.text)
        case Points():
            return "\n".join(f"- {_plain(item)}" for item in block.items)
        case Gap():
            return f"**[TO FILL: {_plain(block.what)}. {_plain(block.fill)}]**"
        case Rows():
            written = [tuple(_plain(cell) for cell in row) for row in (block.header, *block.rows)]
            lines = [written[0], tuple("---" for _ in block.header), *written[1:]]
            return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _plain(text: str) -> str:
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))


def as_html(page: Page) -> str:
    """The page as one file without scripts, pictures or addresses to fetch from."""
    body = "\n".join([f"<h1>{escape(page.title)}</h1>", *(_html(block) for block in page.blocks)])
    head = (
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{WITHOUT_SCRIPT}">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(page.title)}</title><style>{STYLE}</style>'
    )
    return (
        f'<!doctype html>\n<html lang="{escape(page.language)}"><head>{head}</head>\n<body>\n{body}\n</body></html>\n'
    )


def _html(block: Block) -> str:
    match block:
        case Heading():
            return f"<h2>{escape(block.text)}</h2>"
        case Text():
            return f"<p>{escape(block.text)}</p>"
        case Points():
            return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in block.items)}</ul>"
        case Gap():
            return f'<p class="gap"><strong>To fill: {escape(block.what)}.</strong> {escape(block.fill)}</p>'
        case Rows():
            head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in block.header)
            body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in block.rows)
            return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def page_form(page: Page) -> dict[str, Any]:
    """The page as plain JSON, block by block."""
    return {"title": page.title, "language": page.language, "blocks": [_form(block) for block in page.blocks]}


def _form(block: Block) -> dict[str, Any]:
    match block:
        case Heading() | Text():
            return {type(block).__name__.lower(): block.text}
        case Points():
            return {"points": list(block.items)}
        case Gap():
            return {"gap": block.what, "fill": block.fill}
        case Rows():
            return {"table": [dict(zip(block.header, row, strict=True)) for row in block.rows]}
