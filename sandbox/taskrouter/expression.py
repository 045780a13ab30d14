"""TaskRouter's expressions: whether attributes fit a condition such as ``queue == "sales" AND languages HAS "en"``.

Names may be dotted, as in ``worker.level`` or ``task.region``. What is missing is null, and fits nothing but null.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from sandbox.errors import TwilioError

Facts = Mapping[str, Any]
Test = Callable[[Facts], Any]
_TOKEN = re.compile(
    r"\s*(?:(?P<text>\"[^\"]*\"|'[^']*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<sign>==|!=|>=|<=|=|<|>|\(|\)|\[|\]|,)"
    r"|(?P<word>[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*))"
)
_CONSTANTS = {"true": True, "false": False, "null": None}


def fits(expression: str | None, facts: Facts) -> bool:
    """Whether the facts fit; no expression fits everything. Raises TwilioError 20001 for one that cannot be read."""
    return not expression or bool(parsed(expression)(facts))


@lru_cache(maxsize=1024)
def parsed(expression: str) -> Test:
    """The expression as a test of facts; raises TwilioError 20001."""
    reader = _Reader(expression)
    test = reader.any_of()
    if reader.tokens:
        raise reader.unreadable()
    return test


class _Reader:
    """Reads by descent: OR binds weakest, then AND, then NOT, then a comparison."""

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self.tokens = self._split(expression.strip())

    def _split(self, text: str) -> list[tuple[str, str]]:
        tokens: list[tuple[str, str]] = []
        position = 0
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None:
                raise self.unreadable()
            kind = match.lastgroup or ""
            tokens.append((kind, match[kind]))
            position = match.end()
        return tokens

    def unreadable(self) -> TwilioError:
        return TwilioError(400, 20001, f"The expression is invalid: {self._expression}")

    def any_of(self) -> Test:
        tests = [self._all_of()]
        while self._takes("OR"):
            tests.append(self._all_of())
        return lambda facts: any(test(facts) for test in tests)

    def _all_of(self) -> Test:
        tests = [self._not()]
        while self._takes("AND"):
            tests.append(self._not())
        return lambda facts: all(test(facts) for test in tests)

    def _not(self) -> Test:
        if self._takes("NOT"):
            test = self._not()
            return lambda facts: not test(facts)
        if self._takes("("):
            test = self.any_of()
            self._demand(")")
            return test
        return self._comparison()

    def _comparison(self) -> Test:
        left = self._value()
        negated = self._takes("NOT")
        compare = _COMPARISONS.get(self._next()[1].upper())
        if compare is None:
            raise self.unreadable()
        right = self._value()
        return lambda facts: compare(left(facts), right(facts)) is not negated

    def _value(self) -> Test:
        kind, text = self._next()
        if kind == "text":
            return lambda _: text[1:-1]
        if kind == "number":
            return lambda _: float(text)
        if text == "[":
            return self._list()
        if kind != "word":
            raise self.unreadable()
        if text.lower() in _CONSTANTS:
            return lambda _: _CONSTANTS[text.lower()]
        return lambda facts: _look_up(facts, text)

    def _list(self) -> Test:
        items: list[Test] = []
        while not self._takes("]"):
            items.append(self._value())
            self._takes(",")
        return lambda facts: [item(facts) for item in items]

    def _next(self) -> tuple[str, str]:
        if not self.tokens:
            raise self.unreadable()
        return self.tokens.pop(0)

    def _takes(self, word: str) -> bool:
        if self.tokens and self.tokens[0][0] != "text" and self.tokens[0][1].upper() == word:
            self.tokens.pop(0)
            return True
        return False

    def _demand(self, word: str) -> None:
        if not self._takes(word):
            raise self.unreadable()


def _look_up(facts: Facts, name: str) -> Any:
    found: Any = facts
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def of_one_kind(left: Any, right: Any) -> bool:
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        return (numbers or (isinstance(left, str) and isinstance(right, str))) and compare(left, right)

    return of_one_kind


def _has(left: Any, right: Any) -> bool:
    """HAS on what is no array never fits, and says nothing."""
    return isinstance(left, list) and right in left


def _contains(left: Any, right: Any) -> bool:
    if isinstance(left, str):
        return isinstance(right, str) and right in left
    return _has(left, right)


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda left, right: bool(left == right),
    "=": lambda left, right: bool(left == right),
    "!=": lambda left, right: bool(left != right),
    "<": _ordered(lambda left, right: bool(left < right)),
    "<=": _ordered(lambda left, right: bool(left <= right)),
    ">": _ordered(lambda left, right: bool(left > right)),
    ">=": _ordered(lambda left, right: bool(left >= right)),
    "HAS": _has,
    "IN": lambda left, right: isinstance(right, list) and left in right,
    "CONTAINS": _contains,
}
