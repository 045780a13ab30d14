"""The config/ of a journey: a law that is not in the way, and rests that last seconds."""

import shutil
from pathlib import Path

from tests.world import CONFIG, THREE_RULES

CADENCES = """
[demo]
unit = "minutes"
per_number = { voice = 2, sms = 2 }
per_contact = 3
between = 0.1
final = ["reached", "fax", "not_in_service", "refused"]

[demo.rests]
busy = [0.2]
no_answer = [0.2]
machine = [0.2]
failed = [0.2]
abandoned = [0.2]
hung_up = [0.2]
lost = [1440]
canceled = [0.1]
never_sent = [0.1]
sent = [60]
delivered = [60]
undelivered = [60]
"""


def a_config(folder: Path) -> Path:
    """The product's config/ under the law and the rests of the journeys."""
    shutil.copytree(CONFIG, folder)
    shutil.rmtree(folder / "rules")
    (folder / "rules").mkdir()
    (folder / "rules" / "test.toml").write_text(THREE_RULES)
    (folder / "cadences.toml").write_text(CADENCES)
    return folder
