"""Floor 1: kinds, schemas, tables; reading and writing them; turning them into codes."""
