"""The application as any WSGI server imports it: ``webhooks.wsgi:app``, built from the environment."""

from functools import partial

from flask import Flask

from orchestrator import bootstrap, log
from orchestrator.compliance.opt_out import OPT_OUT_FILE, OptOutWords, classify
from orchestrator.settings import config_dir
from webhooks.app import create_app


def build() -> Flask:
    """The application; raises SettingError for what the environment lacks."""
    log.configure(as_json=True)
    house = bootstrap.build(may_make=True)
    words = OptOutWords.parse((config_dir() / OPT_OUT_FILE).read_text("utf-8"))
    return create_app(house.store, house.settings, house.clock, partial(classify, words=words))


app = build()
