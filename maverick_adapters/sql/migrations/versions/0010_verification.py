"""What is believed of mailboxes and domains, what was asked, and what became of candidates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTEWISE = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
VERDICTS = "verdict IN ('valid', 'invalid', 'risky', 'unknown')"


def upgrade() -> None:
    """Add them, empty; candidates wait for a verdict."""
    _make_candidate_verdicts()
    _make_by_workspace()
    _make_findings()
    _make_questions()


def downgrade() -> None:
    """Take them away; contacts that came of candidates stay."""
    for name in (
        "verifier_spending",
        "verifier_questions",
        "mail_domains",
        "mailbox_findings",
        "verification_policies",
        "verification_marks",
        "candidate_verdicts",
    ):
        op.drop_table(name)


def _make_candidate_verdicts() -> None:
    op.create_table(
        "candidate_verdicts",
        sa.Column("candidate_id", ID, nullable=False, autoincrement=False),
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("mailable", sa.Boolean(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("candidate_id", name="pk_candidate_verdicts"),
        sa.CheckConstraint(VERDICTS, name="verdict"),
    )
    op.create_index(
        "ix_candidate_verdicts_not_mailable",
        "candidate_verdicts",
        ["workspace_id"],
        postgresql_where=sa.text("NOT mailable"),
        sqlite_where=sa.text("mailable = 0"),
    )


def _make_by_workspace() -> None:
    for name, *columns in (
        (
            "verification_marks",
            sa.Column("candidate_id", sa.BigInteger(), nullable=False),
            sa.Column("import_id", sa.BigInteger()),
        ),
        (
            "verification_policies",
            sa.Column("policy", sa.Text(), nullable=False),
            sa.Column("by", sa.Text(), nullable=False),
            sa.Column("at", INSTANT, nullable=False),
        ),
    ):
        op.create_table(
            name,
            sa.Column("workspace_id", ID, nullable=False),
            *columns,
            sa.PrimaryKeyConstraint("workspace_id", name=f"pk_{name}"),
            sa.ForeignKeyConstraint(
                ["workspace_id"], ["workspaces.id"], name=f"fk_{name}_workspace_id"
            ),
        )


def _make_findings() -> None:
    op.create_table(
        "mailbox_findings",
        sa.Column("email", BYTEWISE, nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.Column("believed_until", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("email", name="pk_mailbox_findings"),
        sa.CheckConstraint(VERDICTS, name="verdict"),
    )
    op.create_table(
        "mail_domains",
        sa.Column("domain", BYTEWISE, nullable=False),
        sa.Column("catch_all", sa.Boolean(), nullable=False),
        sa.Column("believed_until", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("domain", name="pk_mail_domains"),
    )


def _make_questions() -> None:
    op.create_table(
        "verifier_questions",
        sa.Column("id", ID, sa.Identity(always=False), nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text()),
        sa.Column("emails", sa.Text()),
        sa.Column("mailboxes", sa.Integer(), nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("answered_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_verifier_questions"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_verifier_questions_workspace_id"
        ),
        sa.UniqueConstraint("key", name="uq_verifier_questions_key"),
    )
    op.create_index(
        "uq_verifier_questions_open",
        "verifier_questions",
        ["workspace_id"],
        unique=True,
        postgresql_where=sa.text("answered_at IS NULL"),
        sqlite_where=sa.text("answered_at IS NULL"),
    )
    op.create_table(
        "verifier_spending",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("mailboxes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "day", name="pk_verifier_spending"),
    )
