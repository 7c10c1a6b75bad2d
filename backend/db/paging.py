"""Pages of query results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

T = TypeVar("T")
U = TypeVar("U")

MAX_PER_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a longer list.

    Attributes:
        items: Rows of this page, in the order asked for.
        total: Rows of all pages together.
        page: 1-based number of this page.
        per_page: Rows a full page holds.
    """

    items: list[T]
    total: int
    page: int
    per_page: int

    @property
    def pages(self) -> int:
        """Number of pages; 0 when there is nothing."""
        return -(-self.total // self.per_page)

    def map(self, convert: Callable[[T], U]) -> Page[U]:
        """Return the same page with every item converted."""
        return Page([convert(item) for item in self.items], self.total, self.page, self.per_page)


def paginate(session: Session, statement: Select[T], *, page: int, per_page: int) -> Page[T]:
    """Run ``statement`` for one page and count all its rows.

    Args:
        session: Open session.
        statement: Ordered select of one entity.
        page: 1-based.
        per_page: 1 … `MAX_PER_PAGE`; larger values are cut to it.
    """
    per_page = min(max(per_page, 1), MAX_PER_PAGE)
    page = max(page, 1)
    counted: Select[Any] = select(func.count()).select_from(statement.order_by(None).subquery())
    total = int(session.scalar(counted) or 0)
    rows = session.scalars(statement.limit(per_page).offset((page - 1) * per_page))
    return Page(list(rows), total, page, per_page)
