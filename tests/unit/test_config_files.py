"""A file of config/ that cannot be used is named, with what to do, and never a fault of ours."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator import config_files
from orchestrator.domain.errors import UserError
from orchestrator.settings import config_dir

LOADERS: dict[str, Callable[[Path], object]] = {
    "pacing.toml": lambda _: config_files.load_pacing(),
    "strategies/consent-tiered.toml": config_files.load_strategies,
    "cadences.toml": config_files.load_cadences,
    "caller_ids.toml": config_files.load_caller_policy,
    "senders.toml": config_files.load_sender_policy,
    "rights.toml": config_files.load_rights,
    "people.toml": config_files.load_people_words,
    "retention.toml": config_files.load_retention,
    "retention/acme.toml": config_files.load_retention,
    "dispositions.toml": config_files.load_dispositions,
    "opt_out_words.toml": config_files.load_opt_out_words,
    "prices.toml": config_files.load_prices,
    "breach.toml": lambda _: config_files.load_breach_law(),
    "closing.toml": lambda _: config_files.load_closing_law(),
    "breach_notices/en.toml": lambda _: config_files.load_notice_words(),
}
DAMAGES: dict[str, bytes] = {
    "an editor's other encoding": 'name = "Müller"'.encode("latin-1"),
    "no TOML": b"[[[",
    "an unknown field": b"unknown = 1\n",
    "a value where a table belongs": b"answers = 1\n",
    "a list where a table belongs": b"stop = [1]\nperiod = [1]\nrecord = [1]\ndefault = [1]\nrule = [1]\n",
}


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "config"
    shutil.copytree(config_dir(), folder)
    monkeypatch.setenv("ORCHESTRATOR_CONFIG_DIR", str(folder))
    return folder


@pytest.mark.parametrize("name", LOADERS)
def test_a_damaged_file_of_config_is_named(config: Path, name: str) -> None:
    path = config / name
    path.parent.mkdir(exist_ok=True)
    for damage, content in DAMAGES.items():
        path.write_bytes(content)
        with pytest.raises(UserError) as refused:
            LOADERS[name](config)
        assert path.name in str(refused.value), damage


@pytest.mark.parametrize("name", [name for name in LOADERS if "/" not in name])
def test_a_missing_file_of_config_is_named(config: Path, name: str) -> None:
    (config / name).unlink()
    with pytest.raises(UserError, match=f"{name} is missing; put it back"):
        LOADERS[name](config)


def test_what_came_with_the_release_can_be_used(config: Path) -> None:
    for load in LOADERS.values():
        assert load(config)
