"""What the web product takes: import, pages, ledger; on PostgreSQL and SQLite, one process per database."""
