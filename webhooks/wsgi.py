"""The application as any WSGI server imports it: ``webhooks.wsgi:app``, built from the environment."""

from functools import partial

from flask import Flask

from orchestrator import bootstrap, log
from orchestrator.compliance.opt_out import classify
from orchestrator.config_files import load_opt_out_words
from orchestrator.settings import config_dir
from webhooks.app import create_app


def build() -> Flask:
    """The application; raises SettingError for what the environment lacks."""
    log.configure(as_json=True)
    house = bootstrap.build(may_make=True)
    words = load_opt_out_words(config_dir())
    return create_app(house.store, house.settings, house.clock, partial(classify, words=words))


app = build()
