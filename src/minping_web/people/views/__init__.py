"""Pages of people. Rows outside the scope are not found; decisions are the services'."""
