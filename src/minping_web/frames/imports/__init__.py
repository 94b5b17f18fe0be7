"""Files of households and units: what columns they have, what may be wrong in them."""

from minping_web.frames.imports.checking import CheckContext, Checked, check_file, rows_of
from minping_web.frames.imports.columns import UNIT_TABLE

__all__ = ["UNIT_TABLE", "CheckContext", "Checked", "check_file", "rows_of"]
