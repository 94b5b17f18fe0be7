"""What the database itself refuses: rows of foreign communities, changes of sealed frames and of the log.

The community of a unit may change in a sealed frame as well: it is no part of what was sealed, it says who
may see the row now.
"""

from django.db import migrations

from minping_web.common.row_security import protect

POSTGRESQL = """
CREATE FUNCTION frames_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'frames: % of % is refused', TG_OP, TG_TABLE_NAME; END $$;

CREATE TRIGGER frames_frame_kept BEFORE UPDATE ON frames_frame FOR EACH ROW
WHEN (OLD.root IS NOT NULL AND (
    NEW.root IS DISTINCT FROM OLD.root OR NEW.name <> OLD.name OR NEW.as_of <> OLD.as_of
    OR NEW.units <> OLD.units OR NEW.sealed_at IS DISTINCT FROM OLD.sealed_at
    OR (NEW.state <> OLD.state AND NEW.state <> 'superseded')))
EXECUTE FUNCTION frames_refuse();
CREATE TRIGGER frames_frame_stays BEFORE DELETE ON frames_frame FOR EACH ROW
WHEN (OLD.root IS NOT NULL) EXECUTE FUNCTION frames_refuse();

CREATE FUNCTION frames_unit_arrived() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM frames_frame f WHERE f.root IS NOT NULL
             AND f.id IN (SELECT DISTINCT frame_id FROM fresh)) THEN
    RAISE EXCEPTION 'frames: a sealed frame takes no units';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER frames_unit_arrived AFTER INSERT ON frames_unit
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION frames_unit_arrived();

CREATE FUNCTION frames_unit_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM gone o JOIN frames_frame f ON f.id = o.frame_id LEFT JOIN fresh n ON n.id = o.id
    WHERE f.root IS NOT NULL AND (
      n.id IS NULL OR n.frame_id <> o.frame_id OR n.area_id <> o.area_id
      OR n.kind <> o.kind OR n.instrument <> o.instrument OR n.rater <> o.rater OR n.excluded <> o.excluded
      OR (n.house_code <> o.house_code AND n.house_code <> '')
      OR (n.building <> o.building AND n.building <> '')
      OR (n.special <> o.special AND n.special <> '')
      OR (n.salt IS DISTINCT FROM o.salt AND n.salt IS NOT NULL)
      OR (o.do_not_contact AND NOT n.do_not_contact)))
    OR EXISTS (
      SELECT 1 FROM fresh n JOIN frames_frame f ON f.id = n.frame_id
      WHERE f.root IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM gone o WHERE o.id = n.id AND o.frame_id = n.frame_id))
  THEN RAISE EXCEPTION 'frames: a unit of a sealed frame can only be forgotten';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER frames_unit_changed AFTER UPDATE ON frames_unit
REFERENCING OLD TABLE AS gone NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION frames_unit_changed();

CREATE FUNCTION frames_unit_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM gone o JOIN frames_frame f ON f.id = o.frame_id WHERE f.state = 'sealed') THEN
    RAISE EXCEPTION 'frames: units of a sealed frame stay';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER frames_unit_removed AFTER DELETE ON frames_unit
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION frames_unit_removed();

CREATE FUNCTION frames_leaf_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM fresh n JOIN frames_frame f ON f.id = n.frame_id WHERE f.root IS NOT NULL) THEN
    RAISE EXCEPTION 'frames: a sealed frame takes no leaves';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER frames_leaf_arrived AFTER INSERT ON frames_sealedunit
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION frames_leaf_kept();
CREATE TRIGGER frames_leaf_stays BEFORE UPDATE OR DELETE ON frames_sealedunit
FOR EACH ROW EXECUTE FUNCTION frames_refuse();

CREATE TRIGGER frames_access_kept BEFORE UPDATE ON frames_contactaccess
FOR EACH ROW EXECUTE FUNCTION frames_refuse();
CREATE TRIGGER frames_access_stays BEFORE DELETE ON frames_contactaccess
FOR EACH ROW WHEN (OLD.at > now() - interval '183 days') EXECUTE FUNCTION frames_refuse();
"""

POSTGRESQL_BACK = """
DROP TRIGGER frames_access_stays ON frames_contactaccess;
DROP TRIGGER frames_access_kept ON frames_contactaccess;
DROP TRIGGER frames_leaf_stays ON frames_sealedunit;
DROP TRIGGER frames_leaf_arrived ON frames_sealedunit;
DROP TRIGGER frames_unit_removed ON frames_unit;
DROP TRIGGER frames_unit_changed ON frames_unit;
DROP TRIGGER frames_unit_arrived ON frames_unit;
DROP TRIGGER frames_frame_stays ON frames_frame;
DROP TRIGGER frames_frame_kept ON frames_frame;
DROP FUNCTION frames_leaf_kept();
DROP FUNCTION frames_unit_removed();
DROP FUNCTION frames_unit_changed();
DROP FUNCTION frames_unit_arrived();
DROP FUNCTION frames_refuse();
"""

SEALED = "(SELECT root IS NOT NULL FROM frames_frame WHERE id = {row}.frame_id)"
SQLITE = {
    "frames_frame_kept": """BEFORE UPDATE ON frames_frame WHEN OLD.root IS NOT NULL AND (
        NEW.root IS NOT OLD.root OR NEW.name <> OLD.name OR NEW.as_of <> OLD.as_of
        OR NEW.units <> OLD.units OR NEW.sealed_at IS NOT OLD.sealed_at
        OR (NEW.state <> OLD.state AND NEW.state <> 'superseded'))""",
    "frames_frame_stays": "BEFORE DELETE ON frames_frame WHEN OLD.root IS NOT NULL",
    "frames_unit_arrived": "BEFORE INSERT ON frames_unit WHEN " + SEALED.format(row="NEW"),
    "frames_unit_changed": f"""BEFORE UPDATE ON frames_unit
        WHEN ({SEALED.format(row="OLD")} OR {SEALED.format(row="NEW")}) AND (
        NEW.id <> OLD.id OR NEW.frame_id <> OLD.frame_id OR NEW.area_id <> OLD.area_id
        OR NEW.kind <> OLD.kind
        OR NEW.instrument <> OLD.instrument OR NEW.rater <> OLD.rater OR NEW.excluded <> OLD.excluded
        OR (NEW.house_code <> OLD.house_code AND NEW.house_code <> '')
        OR (NEW.building <> OLD.building AND NEW.building <> '')
        OR (NEW.special <> OLD.special AND NEW.special <> '')
        OR (NEW.salt IS NOT OLD.salt AND NEW.salt IS NOT NULL)
        OR (OLD.do_not_contact AND NOT NEW.do_not_contact))""",
    "frames_unit_removed": """BEFORE DELETE ON frames_unit
        WHEN (SELECT state = 'sealed' FROM frames_frame WHERE id = OLD.frame_id)""",
    "frames_leaf_arrived": "BEFORE INSERT ON frames_sealedunit WHEN " + SEALED.format(row="NEW"),
    "frames_leaf_changed": "BEFORE UPDATE ON frames_sealedunit",
    "frames_leaf_removed": "BEFORE DELETE ON frames_sealedunit",
    "frames_access_kept": "BEFORE UPDATE ON frames_contactaccess",
    "frames_access_stays": (
        "BEFORE DELETE ON frames_contactaccess WHEN julianday(OLD.at) > julianday('now') - 183"
    ),
}


def forwards(_apps, editor):
    """Make the triggers."""
    if editor.connection.vendor == "postgresql":
        editor.execute(POSTGRESQL, params=None)
        return
    for name, when in SQLITE.items():
        editor.execute(
            f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, 'frames: refused ({name})'); END",
            params=None,
        )


def backwards(_apps, editor):
    """Drop them."""
    if editor.connection.vendor == "postgresql":
        editor.execute(POSTGRESQL_BACK, params=None)
        return
    for name in SQLITE:
        editor.execute(f"DROP TRIGGER {name}")


class Migration(migrations.Migration):
    """Guards of sealed frames and of contacts."""

    dependencies = [("frames", "0001_initial")]
    operations = [
        protect("frames_unit"),
        protect("frames_unitcontact"),
        migrations.RunPython(forwards, backwards, elidable=False),
    ]
