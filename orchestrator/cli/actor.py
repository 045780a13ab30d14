"""Who types: every record of a change or a reading names them."""

import getpass


def who() -> str:
    """The user of this machine who types, as in cli:ops."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # a user without a name, as containers have
        return "cli"
