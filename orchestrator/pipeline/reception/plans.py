"""What somebody on the line is to hear; the webhooks turn it into a document."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Join:
    """Join them to the agent who waits in this room."""

    room: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Nobody is free yet: a moment of silence, then the same question again."""


@dataclass(frozen=True, slots=True)
class Inform:
    """Say who called and why, with the key that opts out, and hang up."""

    text: str


@dataclass(frozen=True, slots=True)
class Leave:
    """Leave a message on a machine that has finished its greeting, played where it is recorded, and hang up."""

    text: str
    recording: str | None = None


@dataclass(frozen=True, slots=True)
class Greet:
    """Greet somebody who called us, offer the key that opts out, and ask again what to do then."""

    text: str


@dataclass(frozen=True, slots=True)
class Goodbye:
    """Say one thing and hang up."""

    text: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """Hang up and say nothing; ``because`` is for the log."""

    because: str


AnswerPlan = Join | Wait | Inform | Leave | HangUp
KeyPlan = Inform | Goodbye | HangUp
InboundPlan = Greet | Join | Goodbye | HangUp
