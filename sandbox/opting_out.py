"""Twilio's own list of who wrote STOP: by sender type, per pair or for a whole service, confirmed once.

Long codes and services know all the words, toll-free numbers no YES, short codes nothing. A sender or a service in
``own_stops`` leaves it all to its owner; a service with Advanced Opt-Out tells what it answered.
"""

import re

from sandbox.world import World

STOP_WORDS = frozenset({"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
HELP_WORDS = frozenset({"HELP", "INFO"})
TOLL_FREE = re.compile(r"\+1(800|833|844|855|866|877|888)\d{7}")
SHORT_CODE_DIGITS = 6
STOP_REPLY = "You are unsubscribed and will receive no more messages from this number. Reply START to resubscribe."
START_REPLY = "You are subscribed again. Reply HELP for help, STOP to unsubscribe."
HELP_REPLY = "Reply STOP to unsubscribe. Message and data rates may apply."


def heed(world: World, *, person: str, number: str, word: str) -> tuple[str | None, str | None]:
    """Note what the word means to Twilio; its own answer, and the OptOutType that the application is told."""
    if not handles(world, number):
        return None, None
    kind, reply = _meaning(world, person, number, word)
    told = kind if any(world.account.services[sid].advanced_opt_out for sid in services_of(world, number)) else None
    return reply, told


def is_blocked(world: World, *, person: str, sender: str | None, service: str | None) -> bool:
    """Whether a message to the person from that sender, or through that service, is refused with 21610."""
    behind = {service} if service else {sender, *services_of(world, sender or "")}
    return any((one, person) in world.blocked for one in behind if one)


def services_of(world: World, number: str) -> set[str]:
    """The messaging services that have the number among their senders."""
    own = world.number(number)
    return {sid for sid, service in world.account.services.items() if own is not None and own.sid in service.numbers}


def handles(world: World, number: str) -> bool:
    """Whether Twilio keeps the stops of that number; it cannot be asked, only known."""
    if len(number.removeprefix("+")) <= SHORT_CODE_DIGITS:
        return False
    return not ({number, *services_of(world, number)} & world.account.own_stops)


def _meaning(world: World, person: str, number: str, word: str) -> tuple[str | None, str | None]:
    pairs = {(sender, person) for sender in {number, *services_of(world, number), *_wrote(world, person, number)}}
    starts = START_WORDS - {"YES"} if TOLL_FREE.fullmatch(number) else START_WORDS
    if word in STOP_WORDS:
        news = not pairs <= world.blocked
        world.blocked |= pairs
        return "STOP", STOP_REPLY if news else None
    if word in starts:
        news = bool(pairs & world.blocked)
        world.blocked -= pairs
        return "START", START_REPLY if news else None
    return ("HELP", HELP_REPLY) if word in HELP_WORDS else (None, None)


def _wrote(world: World, person: str, number: str) -> set[str]:
    """The messaging services that wrote to this person from this number: a stop binds the whole service."""
    sent = world.messages.newest_first(person)
    return {message.service_sid for message in sent if message.service_sid and message.from_ == number}
