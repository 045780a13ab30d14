"""Rows found by number over all sellers: every index by number begins with the seller, so all of them are named."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Table, and_, select

from orchestrator.persistence.tables.people import sellers

EVERY_SELLER = select(sellers.c.id)


def of_any_seller(table: Table, number_keys: Collection[bytes]) -> ColumnElement[bool]:
    """Rows under one of these numbers, whoever's they are; without the sellers the table would be read whole."""
    return and_(table.c.seller_id.in_(EVERY_SELLER), table.c.number_key.in_(number_keys))
