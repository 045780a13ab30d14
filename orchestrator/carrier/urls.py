"""Where the carrier reaches us: every address carries the attempt's, or the agent's, own id."""

from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

# Behind the # are the carrier's own instructions, neither sent nor signed. A status is asked again after any failure,
# since by default a 500 loses it. A document is wanted by a person who is listening: short waits, then again.
NEWS = "#rc=3&rp=all&ct=3000&rt=10000"
DOCUMENT = "#rc=2&rp=all&ct=2000&rt=4000&tt=12000"


@dataclass(frozen=True, slots=True)
class CallbackUrls:
    """The addresses below ``public_url``, which has no slash at its end."""

    public_url: str

    def answer(self, reference: UUID) -> str:
        """The document for an answered call."""
        return f"{self.public_url}/calls/{reference}/answer{DOCUMENT}"

    def call_status(self, reference: UUID) -> str:
        """News of a call."""
        return f"{self.public_url}/calls/{reference}/status{NEWS}"

    def detection(self, reference: UUID) -> str:
        """The verdict of machine detection that ran beside the call."""
        return f"{self.public_url}/calls/{reference}/detection{NEWS}"

    def key(self, reference: UUID) -> str:
        """A key pressed during the information message."""
        return f"{self.public_url}/calls/{reference}/key{DOCUMENT}"

    def machine_message(self, reference: UUID) -> str:
        """The document that leaves our message on a machine."""
        return f"{self.public_url}/calls/{reference}/message{DOCUMENT}"

    def handed_over(self, reference: UUID) -> str:
        """The end of a person's conversation with somebody outside whom an agent handed them to."""
        return f"{self.public_url}/calls/{reference}/handed-over{DOCUMENT}"

    def message_status(self, reference: UUID) -> str:
        """News of a message."""
        return f"{self.public_url}/messages/{reference}/status{NEWS}"

    def agent_answer(self, agent_id: str) -> str:
        """The document for an agent who picked up."""
        return f"{self.public_url}/agents/{quote(agent_id, safe='')}/answer{DOCUMENT}"

    def agent_status(self, agent_id: str) -> str:
        """News of the call that holds an agent in their conference."""
        return f"{self.public_url}/agents/{quote(agent_id, safe='')}/status{NEWS}"

    def agent_room(self, agent_id: str) -> str:
        """Who enters an agent's conference, and who leaves it."""
        return f"{self.public_url}/agents/{quote(agent_id, safe='')}/room{NEWS}"

    @property
    def task_events(self) -> str:
        """News of the router of tasks; a workspace's own setting, not an order's."""
        return f"{self.public_url}/tasks/events"

    @property
    def task_assignments(self) -> str:
        """The question what to do with a reservation; a workflow's own setting."""
        return f"{self.public_url}/tasks/assignments"

    def task_leg(self, offer_id: int) -> str:
        """News of the call that brings a worker into the conference for an offer."""
        return f"{self.public_url}/tasks/{offer_id}/leg{NEWS}"

    @property
    def inbound_call(self) -> str:
        """Where a call to one of our numbers must ask what to do; a number names it in its own settings."""
        return f"{self.public_url}/inbound/calls"

    @property
    def inbound_key(self) -> str:
        """A key pressed, or none, by somebody who called us."""
        return f"{self.public_url}/inbound/calls/key{DOCUMENT}"

    @property
    def inbound_status(self) -> str:
        """The end of a call that somebody made to us."""
        return f"{self.public_url}/inbound/calls/status{NEWS}"
