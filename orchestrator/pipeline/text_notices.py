"""What a campaign's texts and script are known to say, and what they lack where its people live."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from orchestrator.compliance.notices import Audience, Part, Said, Unsaid, unsaid
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.campaign import CampaignPlan, Seller
from orchestrator.domain.contact_request import Channel, Message

BEFORE_WORDINGS = ("stop", "baja", "arret", "arrêt")  # where the accepted rulebook has no words yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """What is missing, and in which of the campaign's words: templates.en, sms.messages.NAME.es, voice.script."""

    where: str
    unsaid: Unsaid
    countries: tuple[str, ...]

    @property
    def told(self) -> str:
        """In a sentence."""
        return f"{self.where}, for {', '.join(self.countries)}: {self.unsaid.told}."


def notices_of(rulebook: Rulebook, said: Said, country: str, now: datetime) -> Message:
    """Whether a text to that country names its sender, and a way out in words that count there."""
    audience = Audience(channel=Channel.SMS, places=frozenset({country}), on=now.date())
    missing = unsaid(rulebook, said, audience, {Part.OPT_OUT})
    plain = said.text.casefold()
    return Message(
        sender_identified=said.seller_name.casefold() in plain,
        opt_out_notice=not missing if rulebook.wordings else any(word in plain for word in BEFORE_WORDINGS),
    )


def lacks(
    rulebook: Rulebook, plan: CampaignPlan, seller: Seller, countries: Collection[str], now: datetime
) -> list[Lack]:
    """What each text and the script lack, by the law of each of these countries."""
    found: dict[tuple[str, str], tuple[Unsaid, list[str]]] = {}
    for country in sorted(countries):
        for where, channel, said in _words(plan, seller):
            audience = Audience(
                channel=channel,
                places=frozenset({country}),
                on=max(now, plan.starts_at or now).date(),
                purpose=plan.purpose,
                caller=seller.kind,
            )
            for one in unsaid(rulebook, said, audience):
                found.setdefault((where, one.rule), (one, []))[1].append(country)
    return [Lack(where=where, unsaid=one, countries=tuple(places)) for (where, _), (one, places) in found.items()]


def _words(plan: CampaignPlan, seller: Seller) -> Iterator[tuple[str, Channel, Said]]:
    """Every text that people would get, and the script; transactional texts are the campaign's word to be so."""
    for name, templates in plan.sms.every_message.items() if plan.sms and plan.sms.marketing else ():
        for language, text in templates.items():
            where = f"sms.templates.{language}" if name is None else f"sms.messages.{name}.{language}"
            yield where, Channel.SMS, Said(text=text, language=language, seller_name=seller.name)
    if plan.voice is not None and plan.voice.script_text is not None:
        said = Said(text=plan.voice.script_text, language="any", seller_name=seller.name)
        yield f"voice.script ({plan.voice.script})", Channel.VOICE, said
