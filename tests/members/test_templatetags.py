"""Small words for the pages of organisations and members."""

from datetime import date

import pytest

from members.models import Affiliation
from members.templatetags.people import of, on, part_name, span

DAY, LATER = date(2026, 3, 5), date(2026, 12, 31)


def text(html: str) -> str:
    return html.replace('<time datetime="2026-03-05">', "").replace('<time datetime="2026-12-31">', "")


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (DAY, None, "2026年3月5日起"),
        (DAY, LATER, "2026年3月5日至2026年12月31日"),
        (None, LATER, "至2026年12月31日"),
        (None, None, "开始日期未填"),
    ],
)
def test_a_span_says_from_when_until_when(since: date | None, until: date | None, expected: str) -> None:
    said = span(Affiliation(since=since, until=until))
    assert text(said).replace("</time>", "") == expected


def test_a_day_and_none() -> None:
    assert on(DAY) == '<time datetime="2026-03-05">2026年3月5日</time>'
    assert on(None) == '<span class="nil">未填</span>'
    assert on(None, "") == ""
    assert on(None, "<b>") == '<span class="nil">&lt;b&gt;</span>'


def test_what_a_mapping_says_and_the_name_of_a_part() -> None:
    assert of({1: "陆秉川"}, 1) == "陆秉川"
    assert of({}, 1) == ""
    assert part_name("roster") == "党员名册"
