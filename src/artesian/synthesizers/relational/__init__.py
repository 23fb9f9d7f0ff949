"""Related tables: each table given the rows that its own rows belong to, and their siblings."""
