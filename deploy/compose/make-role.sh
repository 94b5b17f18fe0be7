#!/bin/sh
# Runs once, when the database is made: the product gets a plain role. The image's own user is a superuser,
# and row-level security does not hold for superusers.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$(cat /run/secrets/database-minping)" -U postgres -d postgres <<'SQL'
CREATE ROLE minping LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE minping OWNER minping;
SQL
