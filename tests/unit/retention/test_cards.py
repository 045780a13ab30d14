"""Numbers of payment cards are found however they are typed; telephone numbers and ids are not taken for them.

The card numbers are those that the schemes publish for tests.
"""

import random
import uuid
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from orchestrator.domain.card_numbers import REDACTED, cards_in, refuse_cards, without_cards
from orchestrator.domain.errors import UserError

CARDS = (
    "4111111111111111",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "30569309025904",
    "6011111111111117",
    "3530111333300000",
    "6200000000000005",
)
PATTERNS = {14: (4, 6, 4), 15: (4, 6, 5), 16: (4, 4, 4, 4)}


def grouped(card: str, sign: str) -> str:
    parts, rest = [], card
    for size in PATTERNS[len(card)]:
        parts.append(rest[:size])
        rest = rest[size:]
    return sign.join(parts)


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("sign", ["", " ", "-", " - ", ".", "\u00a0", "\u2013", "\u200b"])
def test_a_card_is_found_as_it_is_printed_and_typed(card: str, sign: str) -> None:
    text = f"she paid with {grouped(card, sign)}, exp 12/27"
    assert without_cards(text) == f"she paid with {REDACTED}, exp 12/27"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", REDACTED),
        ("41111111 11111111", REDACTED),
        ("٤١١١ ١١١١ ١١١١ ١١١١", REDACTED),
        ("४१११११११११११११११", REDACTED),
        ("4111111111111111", REDACTED),
        ("card:4111111111111111.", f"card:{REDACTED}."),
        ("4111 1111 1111 1111 12/27 123", f"{REDACTED} 12/27 123"),
        ("4111111111111111, 5555 5555 5555 4444", f"{REDACTED}, {REDACTED}"),
        ("+4111 1111 1111 1111", f"+{REDACTED}"),  # more digits than any telephone number has
        ("call 020 7946 0018, then 4111-1111-1111-1111", f"call 020 7946 0018, then {REDACTED}"),
    ],
)
def test_a_card_is_taken_out_and_the_rest_stays(text: str, left: str) -> None:
    assert without_cards(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",  # no check digit
        "1234567812345670",  # no issuer
        "+12125550107",
        "+4915112345678",
        "4915112345678",  # thirteen digits: a German number without its plus
        "447946001234",
        "(212) 555-0107 / (646) 555-0108",
        "225 555 0107 646 555",
        "SM41111111111111114111111111111111",
        "CA4111111111111111abcdef0123456789",
        "41111111-1111-4111-8111-111111111111",
        "DE89 3704 0044 0532 0130 00",
        "order-4111111111111111-b",
        "2026-11-22 14:00:00 2026-11-23 15:30",
        "",
    ],
)
def test_telephone_numbers_and_ids_are_left_alone(text: str) -> None:
    assert cards_in(text) == []


@pytest.mark.parametrize("area", ["212", "416", "555", "604", "360", "380", "510", "650"])
def test_no_telephone_number_is_ever_taken_for_a_card(area: str) -> None:
    """One in ten passes the check digit; none is long enough, or it stands behind a plus."""
    for number in range(100):
        local = f"{area}55501{number:02d}"
        for text in (f"+1{local}", f"1{local}", local, f"{local[:3]} {local[3:6]} {local[6:]}", f"+1 {local} {local}"):
            assert cards_in(text) == [], text


@pytest.mark.parametrize("code", ["44", "49", "36", "61", "81", "52", "33", "39", "60", "62"])
def test_fifteen_digits_behind_a_plus_are_a_telephone_number(code: str) -> None:
    """Fifteen is the most that E.164 has; without the plus, at most one in a hundred is mistaken."""
    draw = random.Random(5)
    numbers = [code + "".join(draw.choices("0123456789", k=draw.randint(8, 13))) for _ in range(1000)]
    assert [number for number in numbers if cards_in(f"+{number}")] == []
    assert sum(bool(cards_in(number)) for number in numbers) <= 10 * (1 + (code in {"36", "39"}))


def test_few_ids_of_sixteen_digits_are_mistaken() -> None:
    """One in ten has the check digit, and of those only as many as issuers' ranges hold: measured at 3 in 100."""
    draw = random.Random(7)
    ids = ["".join(draw.choices("0123456789", k=16)) for _ in range(5000)]
    share = sum(bool(cards_in(one)) for one in ids) / len(ids)
    assert 0.01 < share < 0.04


def random_uuids() -> Iterator[str]:
    draw = random.Random(11)
    for _ in range(5000):
        yield str(uuid.UUID(int=draw.getrandbits(128), version=4))


def test_no_id_of_ours_is_mistaken() -> None:
    assert [one for one in random_uuids() if cards_in(f"attempt {one} ended")] == []


@given(st.text(max_size=60), st.sampled_from(CARDS), st.text(max_size=60))
@example("+", "378282246310005", "")
@example("+0", "30569309025904", "")
@example("+1", "30569309025904", "")
def test_whatever_stands_around_a_card_it_does_not_get_through(before: str, card: str, after: str) -> None:
    assert card not in without_cards(f"{before} \n{card}\n {after}") or card in before or card in after


@given(st.text(max_size=200))
def test_what_is_left_has_no_card_and_nothing_else_is_touched(text: str) -> None:
    left = without_cards(text)
    assert cards_in(left) == []
    assert left == text or REDACTED in left


def test_a_refusal_does_not_repeat_the_number() -> None:
    with pytest.raises(UserError, match="The note holds the number of a payment card") as refused:
        refuse_cards("4111 1111 1111 1111", "The note")
    assert "1111" not in str(refused.value)
    refuse_cards(None, "The note")
    refuse_cards("card ending in 1111", "The note")
