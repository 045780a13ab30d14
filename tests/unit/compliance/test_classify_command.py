"""`orchestrator messages classify`, as it is typed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator.cli.messages_classify import answers
from orchestrator.compliance.opt_out import OptOutWords
from orchestrator.settings import config_dir

WORDS = OptOutWords.parse((config_dir() / "opt_out_words.toml").read_text("utf-8"))


def test_each_line_has_its_answer_in_order_and_blank_lines_none(tmp_path: Path) -> None:
    lines = [b'{"text": "STOP"}\n', b"\n", '{"text": "ne, až zítra", "language": "cs"}\n'.encode(), b'{"text": "help"}']
    assert list(answers(lines, WORDS)) == [
        {"intent": "stop", "matched": "stop"},
        {"intent": "other", "matched": None},
        {"intent": "help", "matched": "help"},
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "Line 1: this is no JSON"),
        (b"[]", "Line 1: text is missing"),
        (b'{"txt": "stop"}', "Line 1: text is missing"),
        (b'{"text": 5}', "Line 1: text is missing"),
        (b'{"text": "a", "language": 5}', "Line 1: language must be"),
        (b"\xff", "Line 1: this is no JSON"),
        (b"[" * 100_000, "Line 1: this is no JSON"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: bytes, said: str) -> None:
    answer = next(iter(answers([line], WORDS)))
    assert answer["line"] == 1
    assert str(answer["error"]).startswith(said)


def test_standard_input_is_read_and_a_bad_line_ends_with_one() -> None:
    typed = '{"text": "退订", "language": "zh"}\nnothing\n{"text": "ok"}\n'
    command = [sys.executable, "-m", "orchestrator", "messages", "classify", "-"]
    done = subprocess.run(command, input=typed.encode(), capture_output=True, check=False)
    first, second, third = (json.loads(line) for line in done.stdout.decode().splitlines())
    assert done.returncode == 1
    assert first == {"intent": "stop", "matched": "退订"}
    assert second["line"] == 2
    assert third == {"intent": "other", "matched": None}
    assert done.stderr == b""
