"""Pages of a list that is too long to be counted."""

from typing import Any

from django.core.paginator import Page, Paginator


class UncountedPages(Paginator[Any]):
    """As a Paginator, but it finds only the page asked for and whether there is another one.

    `count` is how many there are at least, `is_cut` whether there are more.
    """

    is_cut = False

    def get_page(self, number: Any) -> Page[Any]:
        asked = int(number) if str(number or "").isascii() and str(number or "").isdigit() else 1
        page = self._page(max(asked, 1))
        # Past the end the first page is the only one that is there for certain.
        return page if page.object_list or page.number == 1 else self._page(1)

    def _page(self, number: int) -> Page[Any]:
        start = (number - 1) * self.per_page
        rows = list(self.object_list[start : start + self.per_page + 1])
        self.is_cut = len(rows) > self.per_page
        self.count = start + min(len(rows), self.per_page)
        self.num_pages = number + self.is_cut
        return Page(rows[: self.per_page], number, self)
