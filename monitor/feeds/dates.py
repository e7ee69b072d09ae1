"""Dates as feeds write them, read into aware UTC times.

Feeds write RFC 822, ISO 8601, and what their authors' language and programming library make of either.
A date we cannot be sure of is no date: the reader of a digest forgives a missing one, not a wrong month.
"""

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

MAX_CHARS = 100  # the longest sensible date is half as long; a megabyte in <pubDate> must not cost a second
FIRST_YEAR, LAST_YEAR = 1971, 2199  # 0001 and 1970 are what libraries print for "no date"

# One line a language: January to December, spellings of one month joined by "/".
# Written without accents and dots, as `_plain` leaves them; fr "mar" (mardi) and es "mar" (martes) are weekdays as well,
# so a month only counts beside the number of a day.
_MONTHS = {
    "en": "january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sept/sep october/oct november/nov december/dec",
    "de": "januar/janner/jan februar/feber/feb marz/mrz/maerz april mai juni juli august september/sep oktober/okt november dezember/dez",
    "fr": "janvier/janv fevrier/fevr/fev mars avril/avr mai juin juillet/juil aout septembre/sept octobre/oct novembre/nov decembre/dec",
    "es": "enero/ene febrero/feb marzo/mar abril/abr mayo/may junio/jun julio/jul agosto/ago septiembre/setiembre/set octubre/oct noviembre/nov diciembre/dic",
    "it": "gennaio/gen febbraio/feb marzo/mar aprile/apr maggio/mag giugno/giu luglio/lug agosto/ago settembre/sett/set ottobre/ott novembre/nov dicembre/dic",
    "pt": "janeiro/jan fevereiro/fev marco/mar abril/abr maio/mai junho/jun julho/jul agosto/ago setembro/set outubro/out novembro/nov dezembro/dez",
    "pl": "stycznia/styczen/sty lutego/luty/lut marca/marzec/mar kwietnia/kwiecien/kwi maja/maj czerwca/czerwiec/cze lipca/lipiec/lip "
    "sierpnia/sierpien/sie wrzesnia/wrzesien/wrz pazdziernika/pazdziernik/paz listopada/listopad/lis grudnia/grudzien/gru",
    "cs": "ledna/leden/led unora/unor/uno brezna/brezen/bre dubna/duben/dub kvetna/kveten/kve cervna/cerven cervence/cervenec srpna/srpen/srp "
    "zari rijna/rijen listopadu prosince/prosinec/pro",
    "ru": "января/январь/янв февраля/февраль/фев/февр марта/март/мар апреля/апрель/апр мая/маи июня/июнь/июн июля/июль/июл августа/август/авг "
    "сентября/сентябрь/сен/сент октября/октябрь/окт ноября/ноябрь/ноя/нояб декабря/декабрь/дек",
    "uk": "січня/січень/січ лютого/лютии/лют березня/березень/бер квітня/квітень/кві/квіт травня/травень/тра/трав червня/червень/чер/черв "
    "липня/липень/лип серпня/серпень/сер/серп вересня/вересень/вер жовтня/жовтень/жов/жовт листопада/листопад/лис/лист грудня/грудень/гру/груд",
    "tr": "ocak/oca subat/sub mart/mar nisan/nis mayıs/mayis/may haziran/haz temmuz/tem agustos/agu eylul/eyl ekim/eki kasım/kasim/kas aralık/aralik/ara",
    "ro": "ianuarie/ian februarie/feb martie/mar aprilie/apr mai iunie/iun iulie/iul august/aug septembrie/sept octombrie/oct noiembrie/noi decembrie/dec",
    "nl": "januari/jan februari/feb maart/mrt april/apr mei juni/jun juli/jul augustus/aug september oktober/okt november december",
    "sv": "januari februari mars april maj juni juli augusti/aug september oktober november december",
    "fi": "tammikuuta/tammi helmikuuta/helmi maaliskuuta/maalis huhtikuuta/huhti toukokuuta/touko kesakuuta/kesa heinakuuta/heina elokuuta/elo "
    "syyskuuta/syys lokakuuta/loka marraskuuta/marras joulukuuta/joulu",
}
MONTHS = {name: number for year in _MONTHS.values() for number, names in enumerate(year.split(), start=1) for name in names.split("/")}

# Hours east of UTC. RFC 822 names the American ones; the others are what newsrooms write.
# BST is Britain's summer (prof18-feed-test-xsl.xml in the corpus), IST India's time: the larger press wins.
_ZONE_HOURS = """
    UT 0 UTC 0 GMT 0 Z 0 WET 0
    EST -5 EDT -4 CST -6 CDT -5 MST -7 MDT -6 PST -8 PDT -7 AKST -9 AKDT -8 HST -10 AST -4 NST -3.5 BRT -3 ART -3
    BST 1 WEST 1 CET 1 MEZ 1 CEST 2 MESZ 2 EET 2 SAST 2 EEST 3 MSK 3 TRT 3 AZT 4
    PKT 5 IST 5.5 ICT 7 WIB 7 HKT 8 SGT 8 AWST 8 JST 9 KST 9 ACST 9.5 AEST 10 ACDT 10.5 AEDT 11 NZST 12 NZDT 13
    """.split()  # noqa: SIM905  (a table reads better than seventy quoted words)
ZONES = {name: timezone(timedelta(hours=float(hours))) for name, hours in zip(_ZONE_HOURS[::2], _ZONE_HOURS[1::2], strict=True)}

_YEAR_FIRST = re.compile(r"(?P<year>\d{4})(?P<gap>[-/.])(?P<month>\d{1,2})(?P=gap)(?P<day>\d{1,2})(?=\D|$)")
_YEAR_FIRST_DENSE = re.compile(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?=t|\s|$)")
_DAY_MONTH_YEAR = re.compile(
    r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|o|a)?[\s./,-]+(?:de\s+|d')?(?P<name>[^\W\d_]{3,12})[\s./,-]+(?:del?\s+|of\s+)?(?P<year>\d{4}|\d\d)(?![\d:])"
)
_MONTH_DAY_YEAR = re.compile(r"(?P<name>[^\W\d_]{3,12})[\s./-]+(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s,/-]+(?P<year>\d{4})(?!\d)")
# `date`, asctime and Twitter put the year last: Fri Jan 02 15:04:05 +0000 2006
_MONTH_DAY_TIME_YEAR = re.compile(r"(?P<name>[^\W\d_]{3,12})\s+(?P<day>\d{1,2})\s+(?P<rest>\d{1,2}:\d\d\S*(?:\s+\S+)?)\s+(?P<year>\d{4})$")
_NUMBERS = re.compile(r"(?<!\d)(?P<first>\d{1,2})(?P<gap>[./-])(?P<second>\d{1,2})(?P=gap)(?P<year>\d{4}|\d\d)(?!\d)")
_TIME = re.compile(
    r"(?<!\d)(?P<hour>\d{1,2})[:.h](?P<minute>\d\d)(?:[:.](?P<second>\d\d))?(?:[.,]\d+)?\s*(?P<half>[ap]\.?m\b\.?)?"
    r"\s*(?:\(?(?P<zone>[a-z]{1,5})\)?)?\s*(?P<offset>[+-]\s?\d{1,2}(?::?\d\d)?(?!\d))?"
)
_TIME_DENSE = re.compile(r"^[t\s](?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?(?P<half>)(?:[.,]\d+)?(?P<zone>z)?(?P<offset>[+-]\d\d:?\d\d)?$")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")
# As nearly all feeds write them, to the letter: a tenth of what all the others cost.
_RFC_3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])")
_RFC_822 = re.compile(r"[A-Z][a-z]{2}, ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) (?:GMT|([+-])(0[0-9]|1[0-3])([0-5][0-9]))")


@lru_cache(maxsize=1024)
def read_date(text: str) -> datetime | None:
    """The moment a feed means, in UTC; None where it says nothing, nonsense, or something that can be read two ways.

    Without a zone it is UTC. Without a time it is the day's first moment. 05/06/2025 has two readings; 25/06/2025 has one.
    Source: RFC 822 §5 with RFC 2822 §4.3 for years of two digits, RFC 3339, and dates seen in feeds.
    """
    if not text or len(text) > MAX_CHARS:
        return None
    try:
        moment = _to_the_letter(text)
    except (ValueError, OverflowError):  # 24:00 and the like, which has a meaning
        moment = None
    return _checked(moment or _in_any_spelling(text))


def _to_the_letter(text: str) -> datetime | None:
    """2016-06-29T15:07:41Z and Wed, 29 Jun 2016 15:07:41 +0000. raises: ValueError, OverflowError for what `datetime` has not."""
    if _RFC_3339.fullmatch(text):
        return datetime.fromisoformat(text).astimezone(UTC)
    found = _RFC_822.fullmatch(text)
    month = MONTHS.get(found[2].lower()) if found else None
    if not found or not month:
        return None
    moment = datetime(int(found[3]), month, int(found[1]), int(found[4]), int(found[5]), int(found[6]), tzinfo=UTC)
    if not found[7]:
        return moment
    east = timedelta(hours=int(found[8]), minutes=int(found[9]))
    return moment - east if found[7] == "+" else moment + east


def _in_any_spelling(text: str) -> datetime | None:
    plain = _plain(text)
    if _EPOCH.fullmatch(plain):
        return datetime.fromtimestamp(int(plain[:10]), UTC)
    try:
        return _with_year_first(plain) or _with_named_month(plain) or _with_numbers(plain)
    except (ValueError, OverflowError):  # 31 February, 25:00, a zone of +99:00
        return None


def _plain(text: str) -> str:
    """Lower case, without accents, dotless and Arabic-Indic digits as they are; blanks squeezed."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in decomposed if not unicodedata.combining(letter)).split()).replace("−", "-")


def _checked(moment: datetime | None) -> datetime | None:
    return moment if moment and FIRST_YEAR <= moment.year <= LAST_YEAR else None


def _with_year_first(text: str) -> datetime | None:
    """2016-06-29T15:07:41Z, 2016/6/29 15:07:41, 20160629T150741Z."""
    found = _YEAR_FIRST.match(text) or _YEAR_FIRST_DENSE.match(text)
    if not found:
        return None
    return _moment(int(found["year"]), int(found["month"]), int(found["day"]), text[found.end() :])


def _with_named_month(text: str) -> datetime | None:
    """Fri, 17 May 2019 06:00 BST; mer, 14 sep 2005; 5 листопада 2025; Aug 15, 2019 9:01 pm; asctime."""
    for pattern in (_DAY_MONTH_YEAR, _MONTH_DAY_YEAR, _MONTH_DAY_TIME_YEAR):
        for found in pattern.finditer(text):
            if month := MONTHS.get(found["name"]):
                rest = found["rest"] if "rest" in found.groupdict() else text[found.end() :]
                return _moment(_full_year(found["year"]), month, int(found["day"]), rest or text[: found.start()])
    return None


def _with_numbers(text: str) -> datetime | None:
    """24.09.2018 19:42 and 24/09/2018; None for 05/06/2025, which is May in Boston and June in Bristol."""
    found = _NUMBERS.search(text)
    if not found:
        return None
    first, second = int(found["first"]), int(found["second"])
    if found["gap"] == "." or first > 12 or first == second:  # dots are only used where the day comes first
        day, month = first, second
    elif second > 12:
        month, day = first, second
    else:
        return None
    return _moment(_full_year(found["year"]), month, day, text[found.end() :] or text[: found.start()])


def _full_year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + (2000 if year < 50 else 1900)  # RFC 2822 §4.3


def _moment(year: int, month: int, day: int, rest: str) -> datetime | None:
    """The day, with the time and the zone that `rest` holds. raises: ValueError, OverflowError for what no calendar has."""
    date = datetime(year, month, day, tzinfo=UTC)
    time = _TIME.search(rest) or _TIME_DENSE.match(rest)
    if not time:
        return date
    hour, minute, second = int(time["hour"]), int(time["minute"]), int(time["second"] or 0)
    if time["half"]:
        hour = hour % 12 + (12 if time["half"].startswith("p") else 0)
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and minute):
        raise ValueError(rest)
    return (date + timedelta(hours=hour, minutes=minute, seconds=min(second, 59))).replace(tzinfo=_zone(time["zone"], time["offset"])).astimezone(UTC)


def _zone(name: str | None, offset: str | None) -> timezone:
    """An offset beats a name ("+0200 (CEST)", "GMT+2"); a name nobody knows counts as UTC."""
    if offset:
        digits = re.sub(r"\D", "", offset)
        hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
        if hours > 14 or minutes > 59:  # Kiribati is the furthest
            raise ValueError(offset)
        east = timedelta(hours=hours, minutes=minutes)
        return timezone(-east if offset.startswith("-") else east)
    return ZONES.get((name or "").upper(), ZONES["UTC"])
