"""What the database itself refuses: changes of a frozen version."""

from django.db import migrations

KEPT = ("instrument_id", "version", "state", "content", "sha256", "frozen_at")
DIFFERS = " OR ".join(f'NEW."{name}"::text IS DISTINCT FROM OLD."{name}"::text' for name in KEPT)

POSTGRESQL = f"""
CREATE FUNCTION instruments_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'instruments: % of % is refused', TG_OP, TG_TABLE_NAME; END $$;
CREATE TRIGGER instruments_version_kept BEFORE UPDATE ON instruments_instrumentversion FOR EACH ROW
WHEN (OLD.state = 'frozen' AND ({DIFFERS})) EXECUTE FUNCTION instruments_refuse();
CREATE TRIGGER instruments_version_stays BEFORE DELETE ON instruments_instrumentversion FOR EACH ROW
WHEN (OLD.state = 'frozen') EXECUTE FUNCTION instruments_refuse();
"""
POSTGRESQL_BACK = """
DROP TRIGGER instruments_version_kept ON instruments_instrumentversion;
DROP TRIGGER instruments_version_stays ON instruments_instrumentversion;
DROP FUNCTION instruments_refuse();
"""
SQLITE = f"""CREATE TRIGGER instruments_version_kept BEFORE UPDATE ON instruments_instrumentversion
WHEN OLD.state = 'frozen' AND ({" OR ".join(f'NEW."{name}" IS NOT OLD."{name}"' for name in KEPT)})
BEGIN SELECT RAISE(ABORT, 'instruments: a frozen version does not change'); END"""


def forwards(_apps, editor):
    """Make the triggers; SQLite has no TRUNCATE, so deleting stays possible there for emptying tables."""
    editor.execute(POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE, params=None)


def backwards(_apps, editor):
    """Drop them."""
    on_postgresql = editor.connection.vendor == "postgresql"
    editor.execute(POSTGRESQL_BACK if on_postgresql else "DROP TRIGGER instruments_version_kept", params=None)


class Migration(migrations.Migration):
    """Guards of frozen questionnaires."""

    dependencies = [("instruments", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards, elidable=False)]
