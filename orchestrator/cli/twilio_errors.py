"""What a person reads where Twilio does not answer, or says no."""

from collections.abc import Iterator
from contextlib import contextmanager

from orchestrator.domain.errors import CarrierBusyError, CarrierError, UserError


@contextmanager
def asking_twilio() -> Iterator[None]:
    """Around questions to the account: their errors name the command that looks into them."""
    try:
        yield
    except CarrierBusyError as error:
        raise UserError(f"Twilio gave no answer that can be read{_code(error)}; run it again in a while.") from error
    except CarrierError as error:
        raise UserError(f"Twilio refused the question{_code(error)}: see `orchestrator twilio doctor`.") from error


def _code(error: CarrierError) -> str:
    return f" (error {error.carrier_code})" if error.carrier_code else ""
