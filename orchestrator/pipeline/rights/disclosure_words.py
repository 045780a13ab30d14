"""What an answer says of every person alike."""

from orchestrator.domain.retention import DataClass
from orchestrator.domain.rights import KeptClass

CATEGORIES = (
    "who they are: name, address and what else a list said of them",
    "how they are reached: numbers, kind of line, place, time zone, language",
    "what they allowed and forbade: consents with their proof, objections, restrictions",
    "contact with them: calls, messages and their words, what agents noted, what was promised",
    "decisions whether they may be contacted, with the facts that they rest on",
    "requests of theirs, and who read their data",
)
RIGHTS = (
    "to have wrong data rectified (art. 16) and data erased (art. 17), and to restrict their use (art. 18)",
    "to object to being contacted, at any time, without reasons (art. 21(2)), and to withdraw a consent (art. 7(3))",
    "to receive what they provided in a form that machines read (art. 20)",
    "to complain to the authority for data protection where they live, work, or where it happened (art. 77)",
)
LOGIC = (
    "Before every attempt a fixed set of written rules is asked whether it is lawful at that moment: hours where the "
    "person is, registers of people who do not want calls, consents, objections, and how often they were contacted. "
    "All must allow it; the strictest answer counts. Which number is tried, and when, follows a plan of steps and "
    "pauses that the campaign lays down. Nobody is scored or profiled, and nothing is decided but whether, when and on "
    "which number they are contacted."
)
RECORDINGS = "We make no recordings of calls. Where the account at the carrier makes some, they are kept there."
TRANSFERS = "Where a recipient is outside of the person's own country, the place is named with the recipient."
PERIOD = {
    KeptClass.CONSENT_PROOF: "consents and their proof",
    KeptClass.CALL_RECORDS: "records of calls, messages and decisions",
    KeptClass.SUPPRESSION: "the wish not to be contacted",
    KeptClass.REQUEST_LOG: "requests like this one",
}
HELD = {
    DataClass.CONTACTS: "who they are and how they are reached, since the last contact or change",
    DataClass.MESSAGE_BODIES: "words of messages",
    DataClass.AGENTS_NOTES: "notes of agents",
    DataClass.RAW_DELIVERIES: "news of calls and messages as the carrier sent it",
    DataClass.CARRIER_SIDE: "what the carrier itself keeps of calls and messages",
}
