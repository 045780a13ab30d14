"""What the sandbox refuses: one error for the person who runs it, one that is Twilio's answer to a request."""


class SandboxError(Exception):
    """A person gave something that cannot be used; the message is one sentence that says what to change."""


class TwilioError(Exception):
    """Twilio's refusal of a request: HTTP status, Twilio's own code, and its sentence."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def body(self) -> dict[str, object]:
        """The JSON that Twilio answers with."""
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


def not_found(what: str) -> TwilioError:
    """The answer for a resource that does not exist."""
    return TwilioError(404, 20404, f"The requested resource {what} was not found")


def invalid(parameter: str, reason: str) -> TwilioError:
    """The answer for a parameter that has no code of its own."""
    return TwilioError(400, 20001, f"Invalid parameter {parameter}: {reason}")
