"""The REST API: `/api/v1/`, its contract and the page that shows it."""
