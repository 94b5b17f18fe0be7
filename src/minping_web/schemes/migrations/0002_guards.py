"""What the database itself refuses: changes of what was frozen, beside the end of a pilot."""

from django.db import migrations

KEPT = (
    "scheme_id", "version", "revision", "files", "values", "unfilled", "sha256", "content_sha256", "frozen_at",
)  # fmt: skip

POSTGRESQL = f"""
CREATE FUNCTION schemes_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'schemes: % of % is refused', TG_OP, TG_TABLE_NAME; END $$;
CREATE TRIGGER schemes_version_kept BEFORE UPDATE ON schemes_schemeversion FOR EACH ROW
WHEN ({" OR ".join(f'NEW."{name}"::text IS DISTINCT FROM OLD."{name}"::text' for name in KEPT)})
EXECUTE FUNCTION schemes_refuse();
CREATE TRIGGER schemes_version_stays BEFORE DELETE ON schemes_schemeversion FOR EACH ROW
EXECUTE FUNCTION schemes_refuse();
"""
POSTGRESQL_BACK = """
DROP TRIGGER schemes_version_kept ON schemes_schemeversion;
DROP TRIGGER schemes_version_stays ON schemes_schemeversion;
DROP FUNCTION schemes_refuse();
"""
SQLITE = f"""CREATE TRIGGER schemes_version_kept BEFORE UPDATE ON schemes_schemeversion
WHEN {" OR ".join(f'NEW."{name}" IS NOT OLD."{name}"' for name in KEPT)}
BEGIN SELECT RAISE(ABORT, 'schemes: a frozen version does not change'); END"""


def forwards(_apps, editor):
    """Make the triggers; SQLite has no TRUNCATE, so deleting stays possible there for emptying tables."""
    editor.execute(POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE, params=None)


def backwards(_apps, editor):
    """Drop them."""
    on_postgresql = editor.connection.vendor == "postgresql"
    editor.execute(POSTGRESQL_BACK if on_postgresql else "DROP TRIGGER schemes_version_kept", params=None)


class Migration(migrations.Migration):
    """Guards of frozen schemes."""

    dependencies = [("schemes", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards, elidable=False)]
