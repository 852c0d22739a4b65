"""Two items are one thing where address or title are the same, and not where they are not."""

from __future__ import annotations

import pytest

from recsys.sameness import address_key, normal_url, title_key


@pytest.mark.parametrize(
    "other",
    [
        "http://www.example.org/a/b",
        "https://EXAMPLE.org/a/b/",
        "https://example.org/a/b?utm_source=mail&fbclid=1#top",
        "https://example.org:443/a/b/index.html",
        " https://example.org/a/b ",
    ],
)
def test_an_address_is_the_same_however_it_is_written(other: str) -> None:
    assert address_key(other) == address_key("https://example.org/a/b") != 0


@pytest.mark.parametrize(
    "other",
    [
        "https://example.org/a/B",
        "https://example.org/a",
        "https://example.com/a/b",
        "https://example.org/a/b?page=2",
        "https://example.org:8080/a/b",
    ],
)
def test_another_address_is_another(other: str) -> None:
    assert address_key(other) != address_key("https://example.org/a/b")


def test_what_is_asked_for_counts_in_any_order() -> None:
    assert normal_url("https://a.org/?b=2&a=1") == normal_url("https://a.org/?a=1&b=2")


@pytest.mark.parametrize("url", [None, "", "https://[broken"])
def test_no_address_is_like_no_other(url: str | None) -> None:
    assert address_key(url) == 0


def test_titles_are_the_same_in_any_case_and_with_any_signs() -> None:
    same = title_key("Notes of the All-Hands!")
    assert title_key("notes of the all hands") == same != 0
    assert title_key("Notes of another all-hands") != same
    assert title_key("Weekly update") == title_key("") == 0
