"""What all apps share: scope, approval by two persons, change sets, tables in and out, ciphers, pages."""
