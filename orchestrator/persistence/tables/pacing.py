"""What pacing counts, remembers and says: calls by the quarter, pacers' states and reasons, tests of detection."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Date, Float, ForeignKey, Index, Integer, String, Table, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ColumnElement
from sqlalchemy.sql.functions import FunctionElement

from orchestrator.persistence.tables.columns import Moment, Structure, metadata

# Ended calls, moved in the transaction that ends one. A call belongs to the quarter in which it was planned: every
# regime's window begins on a quarter, wherever its clock stands.
call_counts = Table(
    "call_counts",
    metadata,
    Column("campaign_id", ForeignKey("campaigns.id"), primary_key=True),
    Column("quarter_at", Moment, primary_key=True),
    Column("country", String(2), primary_key=True),
    Column("mode", String(16), primary_key=True),
    Column("outcome", String(16), primary_key=True),
    Column("calls", Integer, nullable=False),
    Column("human", Integer, nullable=False),  # met by an agent, or abandoned by us
    Column("connected", Integer, nullable=False),
    Column("abandoned", Integer, nullable=False),
    Column("marked", Integer, nullable=False),  # connected, and then found to be a machine
    Column("detected", Integer, nullable=False),  # taken for a machine by the detection, whoever it was
)

pacer_states = Table(
    "pacer_states",
    metadata,
    Column("campaign_id", ForeignKey("campaigns.id"), primary_key=True),
    Column("shift_began_at", Moment, nullable=False),
    Column("decided_at", Moment, nullable=False),
    Column("agents", Integer, nullable=False),  # planned: the most seen at work in the shift
    Column("state", Structure, nullable=False),  # what PredictivePacer.restore takes back
)

# Why so many calls were placed, for the last hours.
pacing_reasons = Table(
    "pacing_reasons",
    metadata,
    Column("campaign_id", ForeignKey("campaigns.id"), primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("regime", String(64), nullable=False),  # whose totals and target were paced by
    Column("calls", Integer, nullable=False),
    Column("ready", Integer, nullable=False),
    Column("ringing", Integer, nullable=False),
    Column("detecting", Integer, nullable=False),
    Column("waiting", Integer, nullable=False),
    Column("risk", Float),
    Column("allowed", Float),
    Column("tokens", Float, nullable=False),
    Column("limited_by", Text, nullable=False),
)

# How often the detection took people for machines, as somebody tested it: the ground of an estimate.
detection_tests = Table(
    "detection_tests",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seller_id", ForeignKey("sellers.id"), nullable=False),
    Column("country", String(2), nullable=False),
    Column("amd", String(16), nullable=False),  # the detection's setting that was tested
    Column("sample", Integer, nullable=False),  # calls that it took for machines, and somebody listened to
    Column("people", Integer, nullable=False),  # of these, answered by a person
    Column("tested_on", Date, nullable=False),
    Column("note", Text, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Index("ix_detection_tests_seller", "seller_id", "country"),
)


class quarter_of(FunctionElement[datetime]):  # noqa: N801 - reads as the SQL function that it is
    """The quarter of an hour that a moment lies in."""

    inherit_cache = True
    type = Moment()
    name = "quarter_of"

    def __init__(self, moment: ColumnElement[Any]) -> None:
        super().__init__(moment)


@compiles(quarter_of, "sqlite")
def _sqlite_quarter(element: quarter_of, compiler: SQLCompiler, **kw: Any) -> str:
    # Cut to the second first: SQLite rounds the last half millisecond of a quarter into the next.
    seconds = f"strftime('%s', substr({compiler.process(element.clauses, **kw)}, 1, 19))"
    return f"strftime('%Y-%m-%d %H:%M:%S.000000', ({seconds}) / 900 * 900, 'unixepoch')"


@compiles(quarter_of, "postgresql")
def _postgresql_quarter(element: quarter_of, compiler: SQLCompiler, **kw: Any) -> str:
    moment = compiler.process(element.clauses, **kw)
    return f"date_bin('15 minutes', {moment}, TIMESTAMPTZ '2000-01-01 00:00:00+00')"
