"""Consent ledger and documents"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

STRUCTURE = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
NEW_COLUMNS = (
    ("record_id", sa.Uuid()),
    ("purpose", sa.String(length=24)),
    ("language", sa.String(length=16)),
    ("jurisdiction", sa.String(length=8)),
    ("collection", sa.String(length=16)),
    ("notice", sa.Text()),
    ("notice_version", sa.String(length=64)),
    ("recorded_by", sa.Text()),
    ("list_id", sa.Integer()),
    ("terms_id", sa.Integer()),
)
# On SQLite a trigger names the columns that it guards: a migration that adds one to consents makes the trigger anew.
# It also vanishes with the table where one is copied (batch_alter_table), so consents gets its columns by ADD COLUMN.
GUARDED = (
    *("id", "seller_id", "number_key", "event", "channel", "level", "automated", "happened_at", "recorded_at"),
    *("expires_at", "states_period", "source", "subject", "to_caller", "opt_out_offered"),
    *(name for name, _ in NEW_COLUMNS),
)
REFUSAL = "consents are append-only: note the removal first"
# A removal is noted in the transaction that does it, so it is found among the newest notes at once; asking further back
# than these would let whoever is refused wait for every note there ever was.
NEWEST = """SELECT removals.rows FROM removals WHERE removals.relation = 'consents' AND removals.how = '{how}'
    ORDER BY removals.id DESC LIMIT 5000"""
NOTED_SQLITE = f"""EXISTS (SELECT 1 FROM ({NEWEST}) AS newest WHERE instr(newest.rows, '"' || OLD.id || '"') > 0)"""  # noqa: S608
NOTED_POSTGRESQL = f"EXISTS (SELECT 1 FROM ({NEWEST}) AS newest WHERE newest.rows ? CAST(OLD.id AS text))"  # noqa: S608


def upgrade() -> None:
    for name, kind in NEW_COLUMNS:
        op.add_column("consents", sa.Column(name, kind, nullable=True))
    _name_old_records()
    op.create_index("ix_consents_record_id", "consents", ["record_id"], unique=False)
    _create_consent_terms()
    _create_documents()
    _create_list_provenance()
    _guard()


def _name_old_records() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    fresh = "lower(hex(randomblob(16)))" if on_sqlite else "gen_random_uuid()"
    op.execute(f"UPDATE consents SET record_id = {fresh}")  # noqa: S608 - one of two words above


def _create_consent_terms() -> None:
    op.create_table(
        "consent_terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seller_id", sa.String(length=64), nullable=False),
        sa.Column("content", STRUCTURE, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_consent_terms_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_terms")),
    )
    op.create_index("ix_consent_terms_seller", "consent_terms", ["seller_id", "id"], unique=False)


def _create_documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seller_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=True),
        sa.Column("party", sa.Text(), nullable=True),
        sa.Column("list_id", sa.Integer(), nullable=True),
        sa.Column("agent_id", sa.String(length=64), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_by", sa.Text(), nullable=True),
        sa.Column("retired_because", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_documents_seller_id")),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_documents_list_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
    )
    op.create_index("ix_documents_seller_kind", "documents", ["seller_id", "kind"], unique=False)
    op.create_table(
        "required_documents",
        sa.Column("seller_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("required_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_required_documents_seller_id")),
        sa.PrimaryKeyConstraint("seller_id", "kind", name=op.f("pk_required_documents")),
    )


def _create_list_provenance() -> None:
    op.create_table(
        "list_provenance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=True),
        sa.Column("obtained_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("chain", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_list_provenance_list_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_provenance")),
    )
    op.create_index("ix_list_provenance_list", "list_provenance", ["list_id", "id"], unique=False)


def _guard() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _guard_sqlite() -> None:
    changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in GUARDED)
    blanked = NOTED_SQLITE.format(how="blanked")
    op.execute(
        f"""CREATE TRIGGER consents_are_not_changed BEFORE UPDATE ON consents WHEN {changed}
            OR (NEW.contact_id IS NOT OLD.contact_id AND NEW.contact_id IS NOT NULL)
            OR (NEW.evidence_sealed IS NOT OLD.evidence_sealed
                AND NOT (OLD.evidence_sealed IS NOT NULL AND {blanked}))
            BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"""
    )
    op.execute(
        f"""CREATE TRIGGER consents_are_not_deleted BEFORE DELETE ON consents
            WHEN NOT {NOTED_SQLITE.format(how="deleted")} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"""
    )


def _guard_postgresql() -> None:
    op.execute(
        f"""CREATE FUNCTION consents_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $guard$
        DECLARE may_change CONSTANT text[] := ARRAY['contact_id', 'evidence_sealed', 'sealed_in'];
        BEGIN
            IF TG_OP = 'DELETE' THEN
                IF {NOTED_POSTGRESQL.format(how="deleted")} THEN RETURN OLD; END IF;
                RAISE EXCEPTION '{REFUSAL}';
            END IF;
            IF TG_OP = 'TRUNCATE' THEN RAISE EXCEPTION '{REFUSAL}'; END IF;
            IF to_jsonb(NEW) - may_change IS DISTINCT FROM to_jsonb(OLD) - may_change
                OR (NEW.contact_id IS DISTINCT FROM OLD.contact_id AND NEW.contact_id IS NOT NULL)
                OR (NEW.evidence_sealed IS DISTINCT FROM OLD.evidence_sealed
                    AND NOT (OLD.evidence_sealed IS NOT NULL AND {NOTED_POSTGRESQL.format(how="blanked")}))
            THEN RAISE EXCEPTION '{REFUSAL}'; END IF;
            RETURN NEW;
        END $guard$"""
    )
    op.execute(
        "CREATE TRIGGER consents_are_not_changed BEFORE UPDATE OR DELETE ON consents "
        "FOR EACH ROW EXECUTE FUNCTION consents_are_append_only()"
    )
    op.execute(
        "CREATE TRIGGER consents_are_not_emptied BEFORE TRUNCATE ON consents "
        "FOR EACH STATEMENT EXECUTE FUNCTION consents_are_append_only()"
    )


def downgrade() -> None:
    _unguard()
    op.drop_table("list_provenance")
    op.drop_table("required_documents")
    op.drop_table("documents")
    op.drop_table("consent_terms")
    op.drop_index("ix_consents_record_id", table_name="consents")
    for name, _ in reversed(NEW_COLUMNS):
        op.drop_column("consents", name)


def _unguard() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER consents_are_not_changed")
        op.execute("DROP TRIGGER consents_are_not_deleted")
        return
    op.execute("DROP TRIGGER consents_are_not_emptied ON consents")
    op.execute("DROP TRIGGER consents_are_not_changed ON consents")
    op.execute("DROP FUNCTION consents_are_append_only()")
