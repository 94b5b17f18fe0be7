"""Offices, departments, firms and their contracts."""
