"""REST blueprints, schemas and problem documents."""
