"""Questions that every rule lets pass, and the rows that change one thing about them."""

import copy
import re
from datetime import datetime, timedelta
from typing import Any

from orchestrator.compliance.gate import decide
from orchestrator.compliance.question import parse_question
from orchestrator.domain.contact_request import ContactRequest
from orchestrator.domain.decision import Answer
from orchestrator.law import load_rulebook
from orchestrator.settings import config_dir

RULEBOOK = load_rulebook(config_dir())
SPAN = re.compile(r"@([+-])(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
Json = dict[str, Any]

CALLER: Json = {"id": "acme", "kind": "commercial", "registrations": ["all"]}


def fresh(*registries: str) -> list[Json]:
    """Answers of an hour ago that say: not listed."""
    return [{"registry": registry, "obtained_at": "@-1h"} for registry in registries]


US_REGISTRIES = ["us-national"] + [
    f"us-{state}" for state in ("co", "fl", "in", "la", "ma", "mo", "ok", "pa", "tn", "tx")
]
ABROAD = [
    *(
        "ae-dncr",
        "ar-nollame",
        "be-dncm",
        "br-nmp",
        "br-sp",
        "ch-directory",
        "co-rne",
        "dk-robinson",
        "es-robinson",
        "fr-bloctel",
    ),
    *("gr-art11", "hk-dnc", "hr-ne-zovi", "ie-ndd", "il-dnc", "is-x", "it-rpo", "mx-repep", "mx-reus", "no-brreg"),
    *("se-nix", "sg-dnc", "sk-nevyziadanevolania", "tr-iys", "za-optout"),
]
AGREED: Json = {
    "channel": "any",
    "level": "express",
    "automated": True,
    "given_at": "@-30d",
    "evidence": True,
    "source": "own_form",
}
CONSENTED: Json = {
    "id": "spring",
    "purpose": "telemarketing",
    "subject": "roof",
    "lawful_basis": "consent",
    "caller": CALLER,
}
BASES: dict[str, Json] = {
    "us": {
        "attempt": {"channel": "voice", "mode": "manual", "ring_timeout_seconds": 20},
        "campaign": {"id": "spring", "purpose": "telemarketing", "subject": "roof", "caller": CALLER},
        "contact": {"number": "+12125550123", "line_type": "landline"},
        "registries": fresh(*US_REGISTRIES),
    },
    "us-sms": {
        "attempt": {
            "channel": "sms",
            "message": {"marketing": True, "sender_identified": True, "opt_out_notice": True},
        },
        "campaign": {"id": "spring", "purpose": "telemarketing", "subject": "roof", "caller": CALLER},
        "contact": {"number": "+12125550123", "line_type": "mobile"},
        "consents": [
            {"channel": "any", "level": "express_written", "automated": True, "given_at": "@-30d", "evidence": True}
        ],
        "registries": fresh(*US_REGISTRIES),
    },
    "debt": {
        "attempt": {"channel": "voice", "mode": "manual", "ring_timeout_seconds": 20},
        "campaign": {"id": "c", "purpose": "debt_collection", "caller": {"id": "col", "kind": "debt_collector"}},
        "contact": {"number": "+14045550123", "line_type": "landline"},
        "debt": "d1",
    },
    "debt-sms": {
        "attempt": {
            "channel": "sms",
            "message": {"marketing": False, "sender_identified": True, "opt_out_notice": True},
        },
        "campaign": {"id": "c", "purpose": "debt_collection", "caller": {"id": "col", "kind": "debt_collector"}},
        "contact": {"number": "+14045550123", "line_type": "mobile"},
        "consents": [AGREED | {"level": "express_written"}],
        "debt": "d1",
    },
    "abroad": {
        "attempt": {"channel": "voice", "mode": "preview", "ring_timeout_seconds": 20},
        "campaign": CONSENTED,
        "contact": {"number": "+390236618300", "line_type": "landline"},
        "consents": [AGREED],
        "registries": fresh(*ABROAD),
    },
    "abroad-sms": {
        "attempt": {
            "channel": "sms",
            "message": {"marketing": True, "sender_identified": True, "opt_out_notice": True},
        },
        "campaign": CONSENTED,
        "contact": {"number": "+393123456789", "line_type": "mobile"},
        "consents": [AGREED],
        "registries": fresh(*ABROAD),
    },
    "gb": {
        "attempt": {"channel": "voice", "mode": "preview", "ring_timeout_seconds": 20},
        "campaign": {
            "id": "spring",
            "purpose": "telemarketing",
            "lawful_basis": "legitimate_interest",
            "caller": CALLER,
            "abandonment": {"live_answered": 100, "abandoned": 0},
        },
        "contact": {"number": "+442079460123", "line_type": "landline"},
        "registries": fresh("uk-tps", "uk-ctps"),
    },
    "gb-sms": {
        "attempt": {
            "channel": "sms",
            "message": {"marketing": True, "sender_identified": True, "opt_out_notice": True},
        },
        "campaign": {
            "id": "spring",
            "purpose": "telemarketing",
            "lawful_basis": "legitimate_interest",
            "caller": CALLER,
        },
        "contact": {"number": "+442079460123", "line_type": "mobile"},
        "consents": [{"channel": "sms", "level": "express", "given_at": "@-30d", "evidence": True}],
    },
    "ca": {
        "attempt": {"channel": "voice", "mode": "preview", "ring_timeout_seconds": 20},
        "campaign": {
            "id": "spring",
            "purpose": "telemarketing",
            "subject": "roof",
            "caller": CALLER,
            "abandonment": {"live_answered": 100, "abandoned": 0},
        },
        "contact": {"number": "+14165550123", "postal_code": "M5V 1A1", "line_type": "landline"},
        "registries": fresh("ca-dncl"),
    },
    "ca-sms": {
        "attempt": {
            "channel": "sms",
            "message": {"marketing": True, "sender_identified": True, "opt_out_notice": True},
        },
        "campaign": {"id": "spring", "purpose": "telemarketing", "caller": CALLER},
        "contact": {"number": "+14165550123", "postal_code": "M5V 1A1", "line_type": "mobile"},
        "consents": [{"channel": "sms", "level": "express", "given_at": "@-30d", "evidence": True}],
    },
    "au": {
        "attempt": {"channel": "voice", "mode": "preview", "ring_timeout_seconds": 20},
        "campaign": {"id": "spring", "purpose": "telemarketing", "caller": CALLER},
        "contact": {"number": "+61491570156", "postal_code": "2000", "line_type": "mobile"},
        "registries": fresh("au-dncr"),
    },
    "au-sms": {
        "attempt": {
            "channel": "sms",
            "message": {"marketing": True, "sender_identified": True, "opt_out_notice": True},
        },
        "campaign": {"id": "spring", "purpose": "telemarketing", "caller": CALLER},
        "contact": {"number": "+61491570156", "postal_code": "2000", "line_type": "mobile"},
        "consents": [{"channel": "sms", "level": "express", "given_at": "@-30d", "evidence": True}],
    },
}


def question(base: str, at: str, changes: Json | None = None) -> ContactRequest:
    """The base question at that moment with dotted fields changed; moments like @-31d count from ``at``."""
    data = copy.deepcopy(BASES[base]) | {"at": at}
    for path, value in (changes or {}).items():
        put(data, path.split("."), copy.deepcopy(value))
    return parse_question(resolve(data, datetime.fromisoformat(at)))


def put(data: Json, path: list[str], value: Any) -> None:
    """Write the value there; ``None`` takes the field away."""
    for step in path[:-1]:
        data = data.setdefault(step, {})
    if value == "absent":
        data.pop(path[-1], None)
    else:
        data[path[-1]] = value


def resolve(value: Any, at: datetime) -> Any:
    """The same with every @ moment worked out."""
    if isinstance(value, dict):
        return {key: resolve(item, at) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, at) for item in value]
    match = SPAN.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return value
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return (at - span if match[1] == "-" else at + span).isoformat()


def ask(base: str, at: str, changes: Json | None = None, *, all_rules: bool = True) -> Answer:
    """The gate's answer to that question."""
    return decide(question(base, at, changes), RULEBOOK, all_rules=all_rules)
