"""Pages of organisations and contracts. Rows outside the scope are not found; decisions are the services'."""
