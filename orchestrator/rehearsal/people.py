"""Who answers in a rehearsal: the sandbox's modelled population, told what is on record of the numbers already."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from orchestrator.domain.contact_request import LineType
from sandbox.mix import Mix
from sandbox.population import CallPlan, MessagePlan, Persona, Population

AS_LOOKUP_SAYS: Mapping[str, str] = {
    LineType.LANDLINE: "landline",
    LineType.MOBILE: "mobile",
    LineType.VOIP: "fixedVoip",
    LineType.TOLL_FREE: "tollFree",
}


class RehearsedPeople(Population):
    """Draws each attempt from the seed, the number and how often it was tried; the same every time."""

    def __init__(self, seed: int, mix: Mix, line_types: Mapping[str, str]) -> None:
        super().__init__(seed, mix)
        self._line_types = line_types  # by number, as on record
        self._calls: Counter[str] = Counter()
        self._messages: Counter[str] = Counter()

    def persona(self, number: str) -> Persona:
        """Whoever was drawn, at a line of the type that is on record where one is."""
        drawn = super().persona(number)
        known = AS_LOOKUP_SAYS.get(self._line_types.get(number, ""))
        return drawn if known is None else replace(drawn, line_type=known)

    def next_call(self, number: str) -> CallPlan:
        """What the next call to the number comes to."""
        self._calls[number] += 1
        return self.call_plan(number, self._calls[number])

    def next_message(self, number: str) -> MessagePlan:
        """What becomes of the next text to the number."""
        self._messages[number] += 1
        return self.message_plan(number, self._messages[number])
