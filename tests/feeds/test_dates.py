"""A date is read as its author meant it, or not at all."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.dates import _MONTHS, MONTHS, _in_any_spelling, _to_the_letter, read_date


def utc(*numbers):
    return datetime(*numbers, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("Fri, 17 May 2019 06:00:00 GMT", utc(2019, 5, 17, 6), id="RFC 822"),
        pytest.param("Fri, 17 May 2019 06:00:00 BST", utc(2019, 5, 17, 5), id="British summer"),
        pytest.param("17 May 2019 06:00 EDT", utc(2019, 5, 17, 10), id="no weekday, no seconds, zone by name"),
        pytest.param("Fri, 17 May 19 06:00:00 +0530", utc(2019, 5, 17, 0, 30), id="two-digit year, half-hour zone"),
        pytest.param("Fri, 17 May 1999 06:00:00 -0000", utc(1999, 5, 17, 6), id="minus nought"),
        pytest.param("17 May 99 06:00:00 GMT", utc(1999, 5, 17, 6), id="two-digit year of the last century"),
        pytest.param("Fri, 17 May 2019 06:00:00 +0200 (CEST)", utc(2019, 5, 17, 4), id="offset and comment"),
        pytest.param("Fri, 17 May 2019 06:00:00 GMT+0200", utc(2019, 5, 17, 4), id="offset after a name"),
        pytest.param("Fri, 17 May 2019 06:00:00 +2", utc(2019, 5, 17, 4), id="short offset"),
        pytest.param("Fri,17-May-2019 06:00:00", utc(2019, 5, 17, 6), id="dashes, no zone: UTC"),
        pytest.param("Fri, 17 May 2019 24:00:00 GMT", utc(2019, 5, 18), id="the day's last moment"),
        pytest.param("Sat, 31 Dec 2016 23:59:60 GMT", utc(2016, 12, 31, 23, 59, 59), id="leap second"),
        pytest.param("2019-05-17T06:00:00Z", utc(2019, 5, 17, 6), id="RFC 3339"),
        pytest.param("2019-05-17T06:00:00.123456+02:00", utc(2019, 5, 17, 4), id="fraction and offset"),
        pytest.param("2019-05-17 06:00:00 -0300", utc(2019, 5, 17, 9), id="blank for T"),
        pytest.param("2019-05-17T06:00+0200", utc(2019, 5, 17, 4), id="no seconds"),
        pytest.param("2019-05-17", utc(2019, 5, 17), id="a day"),
        pytest.param("20190517T060000Z", utc(2019, 5, 17, 6), id="ISO basic"),
        pytest.param("20190517", utc(2019, 5, 17), id="ISO basic day"),
        pytest.param("2020/1/10 14:33:00", utc(2020, 1, 10, 14, 33), id="year, month, day with slashes"),
        pytest.param("2016/6/29 15:07:41", utc(2016, 6, 29, 15, 7, 41), id="never the first of June"),
        pytest.param("24.09.2018 19:42", utc(2018, 9, 24, 19, 42), id="dots: day first"),
        pytest.param("19:42, 24.09.2018", utc(2018, 9, 24, 19, 42), id="time first"),
        pytest.param("25/06/2025 10:00", utc(2025, 6, 25, 10), id="slashes that have one reading, day first"),
        pytest.param("06/25/2025 10:00 PM", utc(2025, 6, 25, 22), id="slashes that have one reading, month first"),
        pytest.param("Aug 15, 2019", utc(2019, 8, 15), id="American"),
        pytest.param("Oct 7 2022", utc(2022, 10, 7), id="American without comma"),
        pytest.param("August 15th, 2019 12:05 a.m. EST", utc(2019, 8, 15, 5, 5), id="after midnight"),
        pytest.param("5 November 2025 - 09:01", utc(2025, 11, 5, 9, 1), id="09:01 is no year"),
        pytest.param("Tue, 07 Sept 2021 10:00:00 GMT", utc(2021, 9, 7, 10), id="Sept"),
        pytest.param("Fri Jan  2 15:04:05 2006", utc(2006, 1, 2, 15, 4, 5), id="asctime"),
        pytest.param("Fri Jan 02 15:04:05 +0100 2006", utc(2006, 1, 2, 14, 4, 5), id="year after the zone"),
        pytest.param("1558072800", utc(2019, 5, 17, 6), id="seconds since 1970"),
        pytest.param("1558072800000", utc(2019, 5, 17, 6), id="milliseconds since 1970"),
        pytest.param("Seg, 24 Set 2018 19:42:40 -0300", utc(2018, 9, 24, 22, 42, 40), id="Portuguese"),
        pytest.param("mer, 14 sep 2005 10:00:00 GMT", utc(2005, 9, 14, 10), id="French weekday"),
        pytest.param("mar., 14 févr. 2023 10:00:00 +0100", utc(2023, 2, 14, 9), id="French: mardi is not March"),
        pytest.param("Sam, 01 févr. 2025", utc(2025, 2, 1), id="French abbreviation"),
        pytest.param("martes, 3 de junio de 2025 08:00", utc(2025, 6, 3, 8), id="Spanish"),
        pytest.param("ven, 05 giu 2020 08:15:00 +0200", utc(2020, 6, 5, 6, 15), id="Italian"),
        pytest.param("Mi, 05 März 2025 10:00:00 MEZ", utc(2025, 3, 5, 9), id="German"),
        pytest.param("5. Dezember 2025, 10.30 Uhr", utc(2025, 12, 5, 10, 30), id="German words"),
        pytest.param("śr., 05 paź 2022 12:00:00 CEST", utc(2022, 10, 5, 10), id="Polish"),
        pytest.param("Ср, 05 окт 2022 12:00:00 +0300", utc(2022, 10, 5, 9), id="Russian"),
        pytest.param("5 мая 2022 12:00 MSK", utc(2022, 5, 5, 9), id="Russian genitive"),
        pytest.param("Пт, 16 Січня 2026 12:00:00 EET", utc(2026, 1, 16, 10), id="Ukrainian"),
        pytest.param("Пн, 03 лист. 2025 12:00:00 +0200", utc(2025, 11, 3, 10), id="Ukrainian abbreviation"),
        pytest.param("Sal, 07 Şub 2023 12:00:00 +0300", utc(2023, 2, 7, 9), id="Turkish"),
        pytest.param("7 KASIM 2023 12:00", utc(2023, 11, 7, 12), id="Turkish capitals"),
        pytest.param("Mie, 05 iun 2024 12:00:00 EEST", utc(2024, 6, 5, 9), id="Romanian"),
        pytest.param("ma 5. helmikuuta 2024 12:00", utc(2024, 2, 5, 12), id="Finnish"),
    ],
)
def test_C45_Q18_Q19_Q20_Q21_Q22_Q23_a_date_is_read_as_its_author_meant_it(text, moment):
    assert read_date(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("yesterday", id="a word"),
        pytest.param("2025-13-40", id="no such month"),
        pytest.param("31 February 2025", id="no such day"),
        pytest.param("Fri, 17 May 2019 25:61:00 GMT", id="no such time"),
        pytest.param("Fri, 17 May 2019 06:00:00 +9900", id="no such zone"),
        pytest.param("05/06/2025", id="May or June"),
        pytest.param("5 Blabla 2025", id="no such name"),
        pytest.param("0001-01-01T00:00:00Z", id="a library's way to say none"),
        pytest.param("Thu, 01 Jan 1970 00:00:00 GMT", id="the epoch"),
        pytest.param("9999-12-31T23:59:59-12:00", id="the end of time"),
        pytest.param("2025", id="only a year"),
        pytest.param("17 May 2019 " * 5000, id="far too long"),
    ],
)
def test_C45_Q19_what_cannot_be_sure_is_no_date(text):
    assert read_date(text) is None


def test_no_spelling_of_a_month_means_two_months():
    spellings = [(name, number) for year in _MONTHS.values() for number, names in enumerate(year.split(), start=1) for name in names.split("/")]

    assert all(len(year.split()) == 12 for year in _MONTHS.values())
    assert [pair for pair in spellings if MONTHS[pair[0]] != pair[1]] == []


@given(st.one_of(st.text(max_size=120), st.text("0123456789:+-/., TZGMay", max_size=40)))
def test_any_text_gives_a_utc_moment_or_nothing(text):
    moment = read_date(text)

    assert moment is None or moment.utcoffset().total_seconds() == 0


@given(st.integers(min_value=63_072_000, max_value=7_226_582_399))
def test_what_email_and_iso_write_comes_back(seconds):
    moment = datetime.fromtimestamp(seconds, UTC)

    assert read_date(moment.isoformat()) == moment
    assert read_date(moment.strftime("%a, %d %b %Y %H:%M:%S +0000")) == moment


_TWO = st.integers(0, 61).map("{:02}".format)
_YEAR = st.integers(0, 9999).map("{:04}".format)
_ZONE = st.one_of(st.sampled_from(["Z", "GMT"]), st.builds("{}{}{}{}".format, st.sampled_from("+-"), _TWO, st.sampled_from(["", ":"]), _TWO))


@given(st.one_of(
    st.builds("{}-{}-{}T{}:{}:{}{}".format, _YEAR, _TWO, _TWO, _TWO, _TWO, _TWO, _ZONE),
    st.builds("{}, {} {} {} {}:{}:{} {}".format, st.sampled_from(["Fri", "Mar", "Now"]), _TWO, st.sampled_from(["May", "Mar", "Fri", "Set"]), _YEAR, _TWO, _TWO, _TWO, _ZONE),
))  # fmt: skip
def test_a_date_to_the_letter_is_what_it_is_in_any_spelling(text):
    try:
        moment = _to_the_letter(text)
    except (ValueError, OverflowError):
        moment = None

    assert moment is None or moment == _in_any_spelling(text)
