"""A small process between the bench and what it measures: `python -S launch.py USAGE COMMAND...`.

Linux counts the memory of the process that starts a program into that program's peak. The bench is
large by then, this is not. Writes wall and CPU seconds and the peak to the file USAGE.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main() -> int:
    """Run the command, wait, write; the command's own exit code."""
    usage_file, *command = sys.argv[1:]
    started = time.perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - started
    used = {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "peak_mb": usage.ru_maxrss / 1024}
    with open(usage_file, "w", encoding="utf-8") as file:
        json.dump(used, file)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
