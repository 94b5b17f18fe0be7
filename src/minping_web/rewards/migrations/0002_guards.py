"""What the database itself refuses: changes of signed sheets, of their lines, signatures and exports.

A withheld line of a signed sheet may be marked as taken over by a later sheet; nothing else moves.
"""

from django.db import migrations

SHEET = (
    "publication_id", "use", "period", "rule", "rule_zh", "rule_en", "total_fen", "sha256", "signed_at", "state",
)  # fmt: skip
LINE = ("sheet_id", "assessee_id", "fen", "before_fen", "change", "basis", "told_apart", "withheld_reason")


def _differs(names, operator, cast=""):
    return " OR ".join(f'NEW."{name}"{cast} {operator} OLD."{name}"{cast}' for name in names)


PG_LINE = _differs(LINE, "IS DISTINCT FROM", "::text")
POSTGRESQL = f"""
CREATE FUNCTION rewards_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'rewards: % of % is refused', TG_OP, TG_TABLE_NAME; END $$;
CREATE FUNCTION rewards_part_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM rewards_sheet WHERE id = OLD.sheet_id AND state = 'signed') THEN
    RAISE EXCEPTION 'rewards: % of % of a signed sheet is refused', TG_OP, TG_TABLE_NAME;
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER rewards_sheet_kept BEFORE UPDATE ON rewards_sheet FOR EACH ROW
WHEN (OLD.state = 'signed' AND ({_differs(SHEET, "IS DISTINCT FROM", "::text")}))
EXECUTE FUNCTION rewards_refuse();
CREATE TRIGGER rewards_line_kept BEFORE UPDATE ON rewards_line FOR EACH ROW
WHEN ({PG_LINE} OR (NEW.state IS DISTINCT FROM OLD.state
  AND NOT (OLD.state = 'withheld' AND NEW.state = 'moved')))
EXECUTE FUNCTION rewards_part_kept();
CREATE TRIGGER rewards_line_stays BEFORE DELETE ON rewards_line FOR EACH ROW
EXECUTE FUNCTION rewards_part_kept();
CREATE TRIGGER rewards_signature_stays BEFORE UPDATE OR DELETE ON rewards_signature FOR EACH ROW
EXECUTE FUNCTION rewards_part_kept();
CREATE TRIGGER rewards_export_stays BEFORE UPDATE OR DELETE ON rewards_payrollexport FOR EACH ROW
EXECUTE FUNCTION rewards_refuse();
"""
POSTGRESQL_BACK = """
DROP TRIGGER rewards_sheet_kept ON rewards_sheet;
DROP TRIGGER rewards_line_kept ON rewards_line;
DROP TRIGGER rewards_line_stays ON rewards_line;
DROP TRIGGER rewards_signature_stays ON rewards_signature;
DROP TRIGGER rewards_export_stays ON rewards_payrollexport;
DROP FUNCTION rewards_refuse();
DROP FUNCTION rewards_part_kept();
"""
SIGNED = "(SELECT state FROM rewards_sheet WHERE id = OLD.sheet_id) = 'signed'"
REFUSED = "BEGIN SELECT RAISE(ABORT, 'rewards: what is signed does not change'); END"
SQLITE = {
    "rewards_sheet_kept": f"""BEFORE UPDATE ON rewards_sheet
WHEN OLD.state = 'signed' AND ({_differs(SHEET, "IS NOT")}) {REFUSED}""",
    "rewards_line_kept": f"""BEFORE UPDATE ON rewards_line
WHEN {SIGNED} AND ({_differs(LINE, "IS NOT")} OR (NEW.state IS NOT OLD.state
AND NOT (OLD.state = 'withheld' AND NEW.state = 'moved'))) {REFUSED}""",
    "rewards_signature_kept": f"BEFORE UPDATE ON rewards_signature WHEN {SIGNED} {REFUSED}",
    "rewards_export_kept": f"BEFORE UPDATE ON rewards_payrollexport {REFUSED}",
}


def forwards(_apps, editor):
    """Make the triggers; SQLite has no TRUNCATE, so deleting stays possible there for emptying tables."""
    if editor.connection.vendor == "postgresql":
        editor.execute(POSTGRESQL, params=None)
        return
    for name, body in SQLITE.items():
        editor.execute(f"CREATE TRIGGER {name} {body}", params=None)


def backwards(_apps, editor):
    """Drop them."""
    if editor.connection.vendor == "postgresql":
        editor.execute(POSTGRESQL_BACK, params=None)
        return
    for name in SQLITE:
        editor.execute(f"DROP TRIGGER {name}", params=None)


class Migration(migrations.Migration):
    """Guards of signed sheets."""

    dependencies = [("rewards", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards, elidable=False)]
