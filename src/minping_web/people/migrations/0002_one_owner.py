"""The database itself refuses two owners of one area on one day (S10), whatever path a row takes;
a responsible person and a warden are two owners as well.

An exclusion constraint would need an extension that only a superuser may create; a trigger does not. On
PostgreSQL it takes a lock per area first, so that two transactions cannot both pass.
"""

from typing import Any

from django.db import migrations

SINGLE = "'responsible', 'warden'"

POSTGRESQL = f"""
CREATE FUNCTION people_posting_one_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.role IN ({SINGLE}) THEN
    PERFORM pg_advisory_xact_lock(7310, NEW.area_id::int);
    IF EXISTS (
      SELECT 1 FROM people_posting p
      WHERE p.area_id = NEW.area_id AND p.role IN ({SINGLE}) AND p.id <> NEW.id
        AND p.starts_on <= coalesce(NEW.ends_on, 'infinity'::date)
        AND coalesce(p.ends_on, 'infinity'::date) >= NEW.starts_on
    ) THEN
      RAISE EXCEPTION 'area % has an owner in these days', NEW.area_id USING ERRCODE = 'exclusion_violation';
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER people_posting_one_owner BEFORE INSERT OR UPDATE ON people_posting
  FOR EACH ROW EXECUTE FUNCTION people_posting_one_owner();
"""
POSTGRESQL_BACK = """
DROP TRIGGER people_posting_one_owner ON people_posting;
DROP FUNCTION people_posting_one_owner();
"""

SQLITE = """
CREATE TRIGGER people_posting_one_owner_{when} BEFORE {act} ON people_posting
WHEN NEW.role IN ({single})
BEGIN
  SELECT RAISE(ABORT, 'the area has an owner in these days') WHERE EXISTS (
    SELECT 1 FROM people_posting p
    WHERE p.area_id = NEW.area_id AND p.role IN ({single}) AND p.id IS NOT NEW.id
      AND p.starts_on <= coalesce(NEW.ends_on, '9999-12-31')
      AND coalesce(p.ends_on, '9999-12-31') >= NEW.starts_on
  );
END;
"""


def forwards(_apps: Any, editor: Any) -> None:
    """Create the trigger of this database."""
    if editor.connection.vendor == "postgresql":
        editor.execute(POSTGRESQL, params=None)
    elif editor.connection.vendor == "sqlite":
        for act in ("INSERT", "UPDATE"):
            editor.execute(SQLITE.format(when=act.lower(), act=act, single=SINGLE), params=None)


def backwards(_apps: Any, editor: Any) -> None:
    """Remove it."""
    if editor.connection.vendor == "postgresql":
        editor.execute(POSTGRESQL_BACK, params=None)
    elif editor.connection.vendor == "sqlite":
        for act in ("insert", "update"):
            editor.execute(f"DROP TRIGGER people_posting_one_owner_{act}", params=None)


class Migration(migrations.Migration):
    """After the tables."""

    dependencies = [("people", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
