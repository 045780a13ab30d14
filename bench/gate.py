"""How fast the gate answers, beside what a user would do in any case: parse and validate the number."""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import phonenumbers

from orchestrator.compliance.gate import decide
from orchestrator.compliance.question import parse_question
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.law import load_rulebook
from orchestrator.settings import config_dir

QUESTIONS = 20_000
AREA_CODES = ["305", "212", "214", "215", "504", "404", "415", "312", "206", "702"]
AT = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def question(number: str, chance: random.Random) -> dict[str, object]:
    """An ordinary sales call with a consent, two registries and three to five earlier contacts."""
    history = [
        {"at": ago(chance.randrange(1, 700)), "channel": "voice", "outcome": "no_answer", "mode": "preview"}
        for _ in range(chance.randrange(3, 6))
    ]
    return {
        "at": AT.isoformat(),
        "attempt": {"channel": "voice", "mode": "preview", "ring_timeout_seconds": 25},
        "campaign": {
            "id": "c",
            "purpose": "telemarketing",
            "subject": "roof",
            "caller": {"id": "s", "kind": "commercial", "registrations": ["all"]},
        },
        "contact": {"number": number, "line_type": "mobile"},
        "consents": [{"channel": "voice", "level": "express", "given_at": ago(2000), "evidence": True}],
        "registries": [
            {"registry": registry, "obtained_at": ago(30)}
            for registry in ("us-national", "us-fl", "us-la", "us-pa", "us-tx")
        ],
        "history": history,
    }


def ago(hours: int) -> str:
    return (AT - timedelta(hours=hours)).isoformat()


def numbers() -> list[str]:
    """Fictional numbers; there are a thousand under these area codes, so they repeat."""
    chance = random.Random(7)
    return [f"+1{chance.choice(AREA_CODES)}555{chance.randrange(100, 200):04}" for _ in range(QUESTIONS)]


def rate(work: Callable[[], object], times: int) -> float:
    started = time.perf_counter()
    work()
    return times / (time.perf_counter() - started)


def measure() -> list[tuple[str, float, str]]:
    """Rows of (name, rate, unit), one process."""
    started = time.perf_counter()
    rulebook = load_rulebook(config_dir())
    start_up = time.perf_counter() - started
    chance = random.Random(11)
    data = [question(number, chance) for number in numbers()]
    requests = [parse_question(item) for item in data]
    plain = [str(item["contact"]["number"]) for item in data]  # type: ignore[index]
    return [
        ("rulebook read", start_up, "s"),
        ("decisions", rate(lambda: answered(requests, rulebook), QUESTIONS), "1/s"),
        ("questions parsed and decided", rate(lambda: answered(map(parse_question, data), rulebook), QUESTIONS), "1/s"),
        ("baseline: phonenumbers parse + is_valid", rate(lambda: validated(plain[:4000]), 4000), "1/s"),
    ]


def answered(requests: object, rulebook: Rulebook) -> int:
    return sum(decide(request, rulebook).allowed for request in requests)  # type: ignore[attr-defined]


def validated(plain: list[str]) -> int:
    return sum(phonenumbers.is_valid_number(phonenumbers.parse(number)) for number in plain)


if __name__ == "__main__":
    for name, value, unit in measure():
        print(f"{name:45} {value:12,.2f} {unit}")
