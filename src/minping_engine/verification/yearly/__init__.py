"""A whole year from its files alone: log, opened records, draws, snapshots, rules, results, publications.

The form of the folder stands in docs/method/ledger.md; `index` writes and reads `year.json`, `check` runs
everything. `minping ledger export-year` makes such a folder.
"""
