"""Downloads of results: tables, report cards, reports of places, papers over periods."""
