"""Senders of texts: what an address is, what config/senders.toml says, and whose sender is whose."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.errors import UserError
from orchestrator.domain.text_sender import SenderType, TextSender, type_of
from orchestrator.strategies.sender_choice import in_order
from orchestrator.strategies.sender_policy import SenderPolicy
from tests.unit.strategies.builders import CONFIG

TEXT = (CONFIG / "senders.toml").read_text("utf-8")
POLICY = SenderPolicy.parse(TEXT)
POOLS = st.dictionaries(st.sampled_from([f"+1212555010{n}" for n in range(8)]), st.floats(0.1, 100), min_size=2)
PERSON = st.binary(min_size=16, max_size=16)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("+12125550101", "long-code"),
        ("+18005550199", "toll-free"),
        ("+442079460018", "international"),
        ("55501", "short-code"),
        ("ACMEROOFS", "alphanumeric"),
        ("Acme Roof 1", "alphanumeric"),
        ("MG" + "0" * 32, "messaging-service"),
        ("+1212", None),
        ("12", None),
        ("Acme Roofing Ltd", None),
        ("Acme!", None),
        ("", None),
    ],
)
def test_an_address_looks_like_its_kind(address: str, kind: str | None) -> None:
    assert type_of(address) == kind


@given(POOLS, PERSON)
def test_where_a_sender_goes_nobody_else_moves(pool: dict[str, float], person: bytes) -> None:
    before = in_order(pool, person)
    for gone in pool:
        left = {address: rate for address, rate in pool.items() if address != gone}
        assert in_order(left, person) == [address for address in before if address != gone]


def test_each_sender_is_first_for_its_share() -> None:
    pool = {"a": 1.0, "b": 3.0, "c": 6.0}
    first = Counter(in_order(pool, n.to_bytes(16))[0] for n in range(10_000))
    assert {address: round(people / 1000) for address, people in first.items()} == pool


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2026-11-23T07:59:59", "2026-11-23T08:00:00"),
        ("2026-11-23T08:00:00", "2026-11-24T08:00:00"),
        ("2026-07-01T06:59:59", "2026-07-01T07:00:00"),  # summer time
        ("2027-03-14T08:00:00", "2027-03-15T07:00:00"),  # a day of 23 hours
    ],
)
def test_the_day_of_caps_is_californias(now: str, ends: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    end = datetime.fromisoformat(ends).replace(tzinfo=UTC)
    assert POLICY.day.ends(at) == end
    assert POLICY.day.of(end) == POLICY.day.of(end - timedelta(seconds=1)) + timedelta(days=1)


def test_a_senders_own_rate_comes_first_then_its_types_then_the_setting() -> None:
    unknown = TextSender(address="+12125550101", seller_id="acme")
    toll_free = TextSender(address="+18005550199", seller_id="acme", type=SenderType.TOLL_FREE)
    own = TextSender(address="+18005550199", seller_id="acme", type=SenderType.TOLL_FREE, segments_per_second=7.5)
    assert [POLICY.rate_of(sender, 2.0) for sender in (unknown, toll_free, own)] == [2.0, 3.0, 7.5]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('name = "toll-free"', 'name = "long-code"', "names the type 'long-code' twice"),
        ("segments_per_second = 3.0", "segments_per_second = 0.0", "must be at least 0.01"),
        ('zone = "America/Los_Angeles"', 'zone = "Pacific"', "must be a time zone, as in America/Los_Angeles"),
        ("filtered_after        = 3", "filtered_after = 0", "must be at least 1"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_what_to_change(old: str, new: str, sentence: str) -> None:
    assert old in TEXT
    with pytest.raises(UserError, match=sentence):
        SenderPolicy.parse(TEXT.replace(old, new))


def test_a_type_that_is_left_out_is_named() -> None:
    start, end = TEXT.index('[[type]]\nname = "toll-free"'), TEXT.index('[[type]]\nname = "short-code"')
    with pytest.raises(UserError, match="it says nothing of 'toll-free'"):
        SenderPolicy.parse(TEXT[:start] + TEXT[end:])


def test_every_figure_says_where_it_is_from() -> None:
    assert {entry.name for entry in POLICY.type if entry.source and entry.verified.how} == set(SenderType)
