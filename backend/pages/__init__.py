"""The pages: Jinja templates around ES modules that talk to the API like any other client.

A page carries no data of its own but who is looking and what the address names. The door
(``api/guard.py``) has authenticated the request before a view here runs.
"""

from backend.pages.views import blueprint

__all__ = ["blueprint"]
