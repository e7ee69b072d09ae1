"""Digests close on the subscriber's clock, whatever the clocks do."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.clock import next_slot, quiet_until
from monitor.model import DigestTimes


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "at", "now", "key", "closes_at"),
    [
        pytest.param("Europe/Brussels", ["07:30", "17:00"], "2026-11-22T05:00", "2026-11-22T07:30", "2026-11-22T06:30", id="the next of the day"),
        pytest.param("Europe/Brussels", ["07:30", "17:00"], "2026-11-22T06:30", "2026-11-22T17:00", "2026-11-22T16:00", id="what closes now is taken"),
        pytest.param("Europe/Brussels", ["07:30"], "2026-11-22T23:30", "2026-11-23T07:30", "2026-11-23T06:30", id="local date, not UTC date"),
        pytest.param("Europe/Berlin", ["02:30"], "2026-03-28T23:00", "2026-03-29T02:30", "2026-03-29T01:00", id="skipped hour: right after the jump"),
        pytest.param("Europe/Berlin", ["02:30"], "2026-03-29T01:00", "2026-03-30T02:30", "2026-03-30T00:30", id="skipped hour: once"),
        pytest.param("Europe/Berlin", ["02:30"], "2026-10-24T23:00", "2026-10-25T02:30", "2026-10-25T00:30", id="doubled hour: at its first coming"),
        pytest.param("Europe/Berlin", ["02:30"], "2026-10-25T00:30", "2026-10-26T02:30", "2026-10-26T01:30", id="doubled hour: not again"),
        pytest.param("Europe/Kyiv", ["03:30"], "2026-03-28T23:00", "2026-03-29T03:30", "2026-03-29T01:00", id="Kyiv skips from three"),
        pytest.param("Europe/Kyiv", ["03:15"], "2026-10-24T23:00", "2026-10-25T03:15", "2026-10-25T00:15", id="Kyiv doubles three"),
        pytest.param("Europe/Kyiv", ["03:15"], "2026-10-25T00:15", "2026-10-26T03:15", "2026-10-26T01:15", id="Kyiv doubles three, once"),
        pytest.param("Pacific/Apia", ["09:00"], "2011-12-30T05:00", "2011-12-30T09:00", "2011-12-30T10:00", id="a whole day was skipped"),
    ],
)
def test_a_digest_closes_at_the_next_local_time(zone: str, at: list[str], now: str, key: str, closes_at: str):
    slot = next_slot(DigestTimes(at=tuple(at)), zone, utc(now))

    assert (slot.key, slot.closes_at) == (key, utc(closes_at))


def test_a_digest_waits_for_its_weekday():
    weekdays = DigestTimes(at=("07:30",), weekdays=(0, 1, 2, 3, 4))

    slot = next_slot(weekdays, "Europe/Brussels", utc("2026-11-20T07:00"))  # a Friday, after the digest

    assert slot.key == "2026-11-23T07:30"


@given(
    now=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 -- Hypothesis wants naive bounds
    zone=st.sampled_from(["Europe/Berlin", "Europe/Kyiv", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
    minute=st.integers(0, 24 * 60 - 1),
)
def test_slots_follow_each_other_a_day_apart_and_never_stand_still(now: datetime, zone: str, minute: int):
    times = DigestTimes(at=(f"{minute // 60:02}:{minute % 60:02}",))

    first = next_slot(times, zone, now)
    second = next_slot(times, zone, first.closes_at)

    assert now < first.closes_at < second.closes_at
    assert first.key < second.key
    assert 22 <= (second.closes_at - first.closes_at).total_seconds() / 3600 <= 26


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        pytest.param(("22:00", "06:30"), "2026-11-22T20:59", None, id="before"),
        pytest.param(("22:00", "06:30"), "2026-11-22T21:00", "2026-11-23T06:30", id="the evening, until tomorrow"),
        pytest.param(("22:00", "06:30"), "2026-11-23T05:29", "2026-11-23T06:30", id="the morning after"),
        pytest.param(("22:00", "06:30"), "2026-11-23T05:30", None, id="over"),
        pytest.param(("12:00", "13:00"), "2026-11-22T11:30", "2026-11-22T13:00", id="within one day"),
        pytest.param(("12:00", "13:00"), "2026-11-22T12:00", None, id="within one day, over"),
        pytest.param(("22:00", "02:30"), "2026-03-29T00:59", "2026-03-29T02:30", id="they end in a skipped hour"),
        pytest.param(("22:00", "02:30"), "2026-03-29T01:00", None, id="the skipped end is the jump"),
    ],
)
def test_quiet_hours_end_on_the_local_clock(quiet: tuple[str, str], now: str, until: str | None):
    slot = quiet_until(quiet, "Europe/Brussels", utc(now))

    assert (slot.key if slot else None) == until
