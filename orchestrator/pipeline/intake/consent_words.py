"""The words in consent and do-not-call cells."""

import re

from orchestrator.domain.contact_request import ConsentLevel, ConsentSource, Purpose
from orchestrator.pipeline.intake.cell_text import words

YES = words(
    "y yes true t 1 x on ok checked given granted agreed active subscribed optin oui si ja j o s wahr vrai "
    "verdadero consented accepted confirmed signed ✓ ✔ ☑"
) | {"opt in", "opted in", "ok to call", "ok to text"}
NO = words("n no false f 0 off non nein none never unchecked null nil na falsch faux falso inactive ☐ ✗ ✘") | {
    "n a",
    "[ ]",
}
NOT_GIVEN = NO | words("unknown pending not declined denied") | {"not given", "no consent", "not asked"}
REFUSED = words("optout unsubscribed unsubscribe stop stopped revoked withdrawn withdrew dnc blocked") | {
    *("opt out", "opted out", "do not call", "do not contact", "do not text"),
}
CALLABLE = words("subscribed active clean callable ok okay clear allowed optin unknown") | {
    *("opt in", "opted in", "ok to call", "okay to call", "ok to contact"),
}
LEVEL_WORDS = {
    ConsentLevel.EXPRESS_WRITTEN: "express written|written|pewc|prior express written consent|express written consent|"
    "prior express written|signed|written consent|schriftlich|ecrit|escrito|par ecrit",
    ConsentLevel.EXPRESS: "express|explicit|prior express|prior express consent|express consent|ausdrucklich|explicite",
    ConsentLevel.ORAL: "oral|verbal|spoken|mundlich|verbal consent|oral consent",
    ConsentLevel.IMPLIED: "implied|inferred|implied consent|implicite|tacit",
    ConsentLevel.SOFT_OPT_IN: "soft opt in|soft|softoptin",
}
LEVELS = {word: level for level, words in LEVEL_WORDS.items() for word in words.split("|")}
SOURCE_WORDS = (
    (
        ConsentSource.PURCHASED_LIST,
        r"purchas\w* list|bought|vendor|third party|broker|lead gen|affiliate|partner|co reg",
    ),
    (ConsentSource.CALLBACK_REQUEST, r"call ?back"),
    (ConsentSource.KEYWORD, r"keyword|text join|inbound sms|sms reply|shortcode|short code"),
    (ConsentSource.PAPER, r"paper|in store form|post card|postcard|card|contract|signed form"),
    (ConsentSource.AGENT, r"agent|phone call|verbal|telephone|call center|call centre|rep"),
    (ConsentSource.DONATION_OR_SUPPORT, r"donation|donor|supporter"),
    (ConsentSource.OWN_SALE, r"sale|order|purchase|checkout|customer account"),
    (ConsentSource.OWN_FORM, r"form|web|website|landing|online|site|formulaire|formular|formulario|app|signup|sign up"),
)
# What a consent is for, as lists write it; the first that fits, since to take one of two is to assume less.
_MARKETING = (
    "tele ?marketing|marketing|sales|promo\\w*|offers?|advertis\\w*|newsletters?|werbung|publicite|prospection|"
    "publicidad|commercial\\w*"
)
_SERVICE = "informational|information|service|transaction\\w*|reminders?|updates?|appointments?|alerts?|notifications?"
PURPOSE_WORDS = (
    (Purpose.FUNDRAISING, "fund ?raising|donat\\w*|charity|spende\\w*|dons?"),
    (Purpose.DEBT_COLLECTION, "debt|collections?|inkasso|recouvrement|cobro"),
    (Purpose.RESEARCH, "research|surveys?|stud(?:y|ies)|umfrage|enquetes?|encuestas?"),
    (Purpose.POLITICAL, "politic\\w*|elections?|wahl\\w*"),
    (Purpose.TELEMARKETING, _MARKETING),
    (Purpose.INFORMATIONAL, _SERVICE),
)
CHANNEL_WORDS = (
    ("sms", r"\b(sms|texts?|messag\w*|mms)\b"),
    ("voice", r"\b(voice|calls?|phone|telephone|calling|anruf\w*|appels?|llamadas?)\b"),
    ("any", r"\b(any|all|both|every|beide|tous|ambos)\b"),
)
# What a wording must say to cover machines, and what takes it back.
SAYS_AUTOMATED = re.compile(r"autodial|auto-dial|automat\w*|pre-?recorded|artificial voice|robocall", re.IGNORECASE)
SAYS_NOT = re.compile(r"\b(not|no|without|never|except)\b", re.IGNORECASE)
