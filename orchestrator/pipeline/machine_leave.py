"""Whether a machine may be left the campaign's message: the gate is asked, since a recording is a mode of its own."""

import re
from dataclasses import replace

from orchestrator.compliance.gate import decide
from orchestrator.domain.campaign import Voicemail
from orchestrator.domain.contact_request import ContactRequest, Message, Mode, Purpose
from orchestrator.pipeline.asking import Desk
from orchestrator.pipeline.closing import Closings
from orchestrator.pipeline.engine import LiveCampaign
from orchestrator.pipeline.planning import MessageLeave

NAMES_A_NUMBER = re.compile(r"(?:\d[\s().-]*){7,}")
OPTS_OUT = re.compile(r"\b(stop|opt[\s-]?out|not call|no more|remove|unsubscribe|baja|arr[eê]t)\b", re.IGNORECASE)


def leave_for(desk: Desk, closings: Closings, call: ContactRequest) -> MessageLeave | None:
    """Ask about a message beside the call itself; None where the campaign leaves none, or machines are not detected."""
    voice = desk.campaign.plan.voice
    if voice is None or voice.voicemail is None or not call.attempt.amd:
        return None
    said = _message(desk.campaign, voice.voicemail)
    question = replace(call, attempt=replace(call.attempt, mode=Mode.PRERECORDED, message=said))
    answer = desk.halts.apply(decide(question, desk.rulebook), desk.now)
    return MessageLeave(question, answer, closings.closes_at(question, answer) if answer.allowed else None)


def _message(campaign: LiveCampaign, voicemail: Voicemail) -> Message:
    """What the words hold: how to opt out is a way (a number to call) and the word that it is for that."""
    plan, text = campaign.plan, voicemail.text
    return Message(
        marketing=plan.purpose is Purpose.TELEMARKETING or plan.sales_component,
        sender_identified=campaign.seller.name.casefold() in text.casefold(),
        opt_out_notice=bool(NAMES_A_NUMBER.search(text) and OPTS_OUT.search(text)),
    )
