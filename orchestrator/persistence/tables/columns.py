"""The metadata that all tables share, and the column types that read the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from typing import Any, TypeAlias

from sqlalchemy import JSON, DateTime, Dialect, Float, LargeBinary, MetaData, Row, literal
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware moment in UTC; a naive one is a programming error."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC, and naive on SQLite, which stores text that sorts."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a zone: {value!r}")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Record: TypeAlias = Row[*tuple[Any, ...]]  # one row of a query, its columns by name
Structure = JSON().with_variant(JSONB(), "postgresql")
NumberKey = LargeBinary(16)  # keyed HMAC of the E.164 number: the only thing that numbers are joined on
Sealed = LargeBinary  # AES-GCM under the ring of keys


class real_now(FunctionElement[datetime]):  # noqa: N801 - reads as the SQL function that it is
    """The database's own real clock, so many seconds from now: leases compare with nothing else."""

    inherit_cache = True
    type = Moment()
    name = "real_now"

    def __init__(self, offset_seconds: float | ColumnElement[float] = 0.0) -> None:
        known = not isinstance(offset_seconds, ColumnElement)
        super().__init__(literal(float(offset_seconds), Float()) if known else offset_seconds)


@compiles(real_now, "sqlite")
def _sqlite_now(element: real_now, compiler: SQLCompiler, **kw: Any) -> str:
    offset = compiler.process(element.clauses, **kw)
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', printf('%+.3f seconds', {offset}))"


@compiles(real_now, "postgresql")
def _postgresql_now(element: real_now, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(clock_timestamp() + make_interval(secs => {compiler.process(element.clauses, **kw)}))"
