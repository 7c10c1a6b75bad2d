"""What a view may ask of the request it serves; see ``backend.web.context``."""

from backend.web.context import (
    current_actor,
    current_identity,
    optional_identity,
    require_role,
    services,
)

__all__ = ["current_actor", "current_identity", "optional_identity", "require_role", "services"]
