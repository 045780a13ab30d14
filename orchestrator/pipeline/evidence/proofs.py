"""Proofs of inclusion: each entry's key, what it says, and its way up to a signed head."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from orchestrator.domain.merkle import Tree
from orchestrator.persistence.sealing.opening import Opened
from orchestrator.persistence.sealing.subjects import BY_FORM
from orchestrator.persistence.sealing.telling import names_of
from orchestrator.pipeline.evidence.disclosing import Discloser
from orchestrator.pipeline.sealing.head_file import HeadFile
from orchestrator.pipeline.sealing.heads import leaves_of

FORM = "orchestrator.proofs/1"


def proofs(tx: Connection, disclosed: Discloser, heads: HeadFile) -> dict[str, Any]:
    """Everything that a verifier needs beside the heads; entries that no head is over yet have no path."""
    sizes = {head["log"]: head["size"] for head in heads.content["heads"]}
    entries = [*_unique(disclosed.opened), *_unique(disclosed.withheld)]
    opened = {(entry.log, entry.position) for entry in disclosed.opened}
    trees = {
        log: Tree(leaves_of(tx, log, sizes[log])) for log in {entry.log for entry in entries} & sizes.keys() if log
    }
    forms = {entry.form for entry in entries if entry.form in BY_FORM}
    return {
        "form": FORM,
        "columns": {form: ["form", *names_of(BY_FORM[form])] for form in sorted(forms)},
        "entries": [_proof(entry, trees, shown=(entry.log, entry.position) in opened) for entry in entries],
    }


def _unique(entries: Iterable[Opened]) -> list[Opened]:
    return list({(entry.log, entry.position): entry for entry in entries}.values())


def _proof(entry: Opened, trees: dict[str, Tree], *, shown: bool) -> dict[str, Any]:
    tree = trees.get(entry.log or "")
    path = None if tree is None or entry.position >= tree.size else tree.inclusion(entry.position)
    return {
        "log": entry.log,
        "position": entry.position,
        "form": entry.form,
        "row_id": entry.row_id,
        "commitment": entry.commitment.hex(),
        "path": None if path is None else [step.hex() for step in path],
        **({"key": entry.key.hex(), "told": entry.told.decode()} if shown else {}),
    }
