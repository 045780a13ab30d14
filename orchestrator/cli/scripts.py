"""The script that a campaign names, read once, when the campaign is created."""

from dataclasses import replace
from pathlib import Path

import typer

from orchestrator.domain.campaign import CampaignPlan
from orchestrator.domain.errors import UserError

LONGEST = 20_000


def with_script(plan: CampaignPlan, file: Path | None) -> CampaignPlan:
    """The plan with the text of its script, whose path is relative to the campaign file.

    A script that is not there is said and left out: agents can call without. Raises UserError for one that is no text.
    """
    voice = plan.voice
    if voice is None or voice.script is None:
        return plan
    path = (file.parent if file is not None else Path()) / voice.script
    try:
        text = path.read_text("utf-8")
    except OSError:
        typer.echo(f"voice.script: {path} cannot be read; agents will see no script.", err=True)
        return plan
    except UnicodeDecodeError:
        raise UserError(f"voice.script: {path} is no text in UTF-8; save it as such.") from None
    if len(text) > LONGEST:
        raise UserError(f"voice.script: {path} has {len(text):,} characters; {LONGEST:,} are shown at most.")
    return replace(plan, voice=replace(voice, script_text=text))
