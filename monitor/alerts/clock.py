"""The subscriber's clock: when the next digest closes, and when quiet hours end.

A local time that the clocks skip in spring means "right after"; one that comes twice in autumn means its first coming.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.model import DigestTimes

_A_DAY_AND_MORE = 25 * 60  # minutes; the longest jump so far left out a whole day (Samoa, 30 December 2011)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One closing of a digest. key: its local date and time, so a clock that jumps cannot make two of one."""

    key: str
    closes_at: datetime


def next_slot(times: DigestTimes, timezone: str, now: datetime) -> Slot:
    """The first closing after `now`.

    times: at least one time and one weekday. timezone: an IANA name.
    """
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    days = (today + timedelta(days=ahead) for ahead in range(-1, 9))  # a skipped day's digests close on the day after
    slots = (_slot(day, at, zone) for day in days if day.weekday() in times.weekdays for at in times.at)
    return min((slot for slot in slots if slot.closes_at > now), key=lambda slot: (slot.closes_at, slot.key))


def _slot(day: date, at: str, zone: ZoneInfo) -> Slot:
    return Slot(key=f"{day.isoformat()}T{at}", closes_at=_instant(day, at, zone))


def quiet_until(quiet: tuple[str, str], timezone: str, now: datetime) -> Slot | None:
    """When the quiet hours that `now` lies in end; None outside of them.

    quiet: local times "HH:MM", from and to; the end may lie on the next day.
    """
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    begin, end = quiet
    for evening in (today - timedelta(days=1), today):
        morning = evening if begin < end else evening + timedelta(days=1)
        slot = _slot(morning, end, zone)
        if _instant(evening, begin, zone) <= now < slot.closes_at:
            return slot
    return None


def _instant(day: date, at: str, zone: ZoneInfo) -> datetime:
    wanted = datetime.combine(day, time.fromisoformat(at))
    for minutes in range(_A_DAY_AND_MORE):
        local = wanted + timedelta(minutes=minutes)
        instant = local.replace(tzinfo=zone).astimezone(UTC)
        if instant.astimezone(zone).replace(tzinfo=None) == local:
            return instant
    raise AssertionError(f"no {at} on or after {day} in {zone}")
