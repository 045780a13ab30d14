"""One family of errors: the message says what to do next, the class says what may be done next."""


class OrchestratorError(Exception):
    """Anything that this product raises on purpose."""


class UserError(OrchestratorError):
    """A person gave something that cannot be used; the message is one sentence that says what to change."""


class SettingError(UserError):
    """A setting is missing or malformed; the message names it."""


class WrongKeyError(UserError):
    """The database was written with other keys than those in ORCHESTRATOR_SECRET_KEYS."""


class CarrierError(OrchestratorError):
    """The carrier refused this request for good; ``carrier_code`` is its own number for why."""

    def __init__(self, message: str = "", *, carrier_code: int | None = None) -> None:
        super().__init__(message or (self.__doc__ or ""))
        self.carrier_code = carrier_code


class CarrierBusyError(CarrierError):
    """The carrier refused for now; nothing was sent, trying again is safe."""


class CarrierUnreachableError(CarrierBusyError):
    """No connection was made; nothing was sent, trying again is safe."""


class AnswerLostError(CarrierBusyError):
    """The carrier was asked and no answer came that can be read; asking again is safe, and may cost again."""


class NumberRefusedError(CarrierError):
    """The carrier will never accept this number on this channel; do not try it again."""


class NumberDeadError(NumberRefusedError):
    """The number is invalid or disconnected: dead over all campaigns and channels."""


class RecipientOptedOutError(NumberRefusedError):
    """The carrier holds a stop of this recipient; suppress the number."""


class CallerBlockedError(CarrierError):
    """Carriers block this caller id; rest it and use another."""


class AccountMisconfiguredError(CarrierError):
    """The account or a sender is not set up for this; the campaign pauses until a person mends it."""


class DispatchUncertainError(CarrierError):
    """The request may have gone through; ask the carrier before sending again."""


class CallOverError(CarrierError):
    """The call is no longer in a state to be changed; an expected race."""
