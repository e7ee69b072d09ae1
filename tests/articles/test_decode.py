"""Bytes become the right letters, and what must not be parsed is told."""

import time

import pytest

from monitor.articles.decode import Limits, decode_page

UKRAINIAN = "Союзники домовилися про протиповітряну оборону для Одеси, повідомили урядовці. " * 10
GERMAN = "Die Verbündeten einigten sich auf größere Lieferungen für Odessa. " * 10
POLISH = (
    "Sojusznicy zgodzili się na większe dostawy broni dla Odessy, powiedział w środę żołnierzom urzędnik. Świadkowie słyszeli wybuchy w całym mieście, są też ranni. "
    * 5
)
TURKISH = (
    "Müttefikler Odesa için daha fazla hava savunması konusunda anlaştı, dedi yetkililer. Görüşmeler salı günü İstanbul'da sürecek, ateşkes şartları ağır. " * 5
)
GREEK = "Οι σύμμαχοι συμφώνησαν για περισσότερη αεράμυνα στην Οδησσό, δήλωσαν αξιωματούχοι τη Δευτέρα. " * 8
BULGARIAN = "Съюзниците се договориха за повече противовъздушна отбрана за Одеса, съобщиха служители в понеделник. " * 8
ARABIC = "اتفق الحلفاء على إرسال مزيد من الدفاعات الجوية إلى أوديسا قبل حلول الشتاء، بحسب ما قال مسؤولون. " * 8
HEBREW = "בעלות הברית הסכימו לשלוח עוד מערכות הגנה אווירית לאודסה לפני החורף, כך אמרו שני פקידים. " * 8
TAIWANESE = "盟國的部長們週一在敖德薩舉行會談，同意在冬季到來之前向沿海地區提供更多的防空系統。" * 8
JAPANESE = "同盟国の閣僚は月曜日にオデーサで会談し、冬が来る前に沿岸部へさらに多くの防空システムを送ることで合意した。" * 8
KOREAN = "동맹국 장관들은 월요일 오데사에서 만나 겨울이 오기 전에 해안 지역에 방공 체계를 더 보내기로 합의했다고 관리들이 말했다. " * 8
CHINESE = "盟国周一在敖德萨举行会谈，同意在冬季之前提供更多防空系统。" * 10


@pytest.mark.parametrize(
    ("text", "encoding", "declared", "header"),
    [
        pytest.param(UKRAINIAN, "utf-8", "", "", id="UTF-8 undeclared"),
        pytest.param(UKRAINIAN, "utf-8", "windows-1251", "", id="UTF-8 declared as 1251"),
        pytest.param(UKRAINIAN, "cp1251", "windows-1251", "", id="1251 in meta"),
        pytest.param(UKRAINIAN, "cp1251", "", "text/html; charset=windows-1251", id="1251 in HTTP"),
        pytest.param(UKRAINIAN, "cp1251", "koi8-u", "text/html; charset=windows-1251", id="HTTP beats meta"),
        pytest.param(UKRAINIAN, "cp1251", "utf-8", "", id="1251 declared as UTF-8"),
        pytest.param(UKRAINIAN, "koi8-u", "utf-8", "", id="KOI8-U declared as UTF-8"),
        pytest.param(UKRAINIAN, "koi8-u", "windows-1251", "", id="KOI8-U declared as 1251"),
        pytest.param(UKRAINIAN, "cp1251", "koi8-u", "", id="1251 declared as KOI8-U"),
        pytest.param(UKRAINIAN, "cp1251", "", "", id="1251 undeclared"),
        pytest.param(UKRAINIAN, "utf-16-le", "", "", id="UTF-16 little end first"),
        pytest.param(UKRAINIAN, "utf-16-be", "", "", id="UTF-16 big end first"),
        pytest.param(UKRAINIAN, "utf-16", "", "", id="UTF-16 with BOM"),
        pytest.param(UKRAINIAN, "utf-8-sig", "iso-8859-1", "", id="UTF-8 with BOM beats meta"),
        pytest.param(GERMAN, "cp1252", "iso-8859-1", "", id="1252 declared as Latin 1"),
        pytest.param(CHINESE, "gb18030", "gb2312", "", id="GB 18030 declared as its elder"),
        pytest.param(CHINESE, "gb18030", "no-such-table", "", id="unknown label"),
        pytest.param(CHINESE, "gb18030", "utf-8", "", id="GB 18030 declared as UTF-8"),
        pytest.param(CHINESE, "utf-16-le", "", "", id="Chinese in UTF-16"),
        pytest.param(TAIWANESE, "big5", "utf-8", "", id="Big5 declared as UTF-8"),
        pytest.param(JAPANESE, "shift_jis", "utf-8", "", id="Shift_JIS declared as UTF-8"),
        pytest.param(JAPANESE, "euc_jp", "", "", id="EUC-JP undeclared"),
        pytest.param(JAPANESE, "iso2022_jp", "", "", id="ISO-2022-JP undeclared"),
        pytest.param(KOREAN, "euc_kr", "iso-8859-1", "", id="EUC-KR declared as Latin 1"),
        pytest.param(POLISH, "iso8859-2", "windows-1250", "", id="Latin 2 declared as 1250"),
        pytest.param(POLISH, "cp1250", "iso-8859-1", "", id="1250 declared as Latin 1"),
        pytest.param(TURKISH, "cp1254", "iso-8859-1", "", id="Turkish declared as Latin 1"),
        pytest.param(GREEK, "iso8859-7", "utf-8", "", id="Greek declared as UTF-8"),
        pytest.param(ARABIC, "cp1256", "", "", id="Arabic undeclared"),
        pytest.param(HEBREW, "cp1255", "utf-8", "", id="Hebrew declared as UTF-8"),
        pytest.param(BULGARIAN, "cp1251", "iso-8859-1", "", id="Bulgarian declared as Latin 1"),
        pytest.param(UKRAINIAN, "koi8-u", "koi8-r", "", id="KOI8-U declared as KOI8-R"),
    ],
)
def test_letters_are_read_right(text, encoding, declared, header):
    meta = f'<meta charset="{declared}">' if declared else ""
    # Markup is most of a real page; it is also how UTF-16 without a BOM is known.
    page = f"<html><head>{meta}</head><body>{'<div></div>' * 300}<p>{text}</p></body></html>".encode(encoding)

    assert text in decode_page(page, header, Limits()).text


def test_a_page_cut_in_the_middle_of_a_letter_stays_utf8():
    page = f"<p>{UKRAINIAN}".encode()

    assert decode_page(page[:-2], "", Limits()).text.startswith(f"<p>{UKRAINIAN[:-2]}")


def test_the_feeds_words_decide_between_tables_that_read_alike():
    """Hebrew in Cyrillic letters reads like a language that nobody speaks; the feed's own words tell."""
    page = f'<meta charset="windows-1251"><p>{HEBREW[:90]}'.encode("cp1255")

    assert HEBREW[:90].strip() in decode_page(page, "", Limits(), sample=HEBREW[40:80]).text


def test_a_guess_is_told():
    page = f'<meta charset="utf-8"><p>{UKRAINIAN}'.encode("koi8-u")

    assert [problem.code for problem in decode_page(page, "", Limits()).oddities] == ["encoding-guessed"]


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param(b"<ul>" + b"<li>entry" * 5_000, id="list without end tags"),
        pytest.param(b"<p>text<br>" * 5_000, id="paragraphs without end tags"),
        pytest.param(b"<div><img></div>" * 5_000, id="flat"),
        pytest.param(b"<script>" + b"'<div>'+" * 5_000 + b"</script>", id="tags in a script"),
        pytest.param(b"<!--" + b"<div>" * 5_000 + b"-->", id="tags in a comment"),
        pytest.param(b'<img src="data:image/png;base64,' + b"A=" * 50_000 + b'">', id="picture in the page"),
    ],
)
def test_honest_pages_are_not_called_deep(markup):
    assert decode_page(markup, "", Limits()).stopper is None


@pytest.mark.parametrize("first", [b"<", b"\xff<"], ids=["UTF-8", "another table"])
@pytest.mark.parametrize("unit", [b"<!--", b"<script>", b"<", b"<a ", b"<title", b"a", b"</", b"<p a='"])
def test_A58_the_scan_is_linear(unit, first):
    page = first + unit * ((3 << 20) // len(unit) - 1)
    started = time.process_time()

    decode_page(page, "", Limits())

    assert time.process_time() - started < 3  # a square would take hours


@pytest.mark.parametrize("media_type", ["application/pdf", "image/png", "video/mp4; codecs=x"])
def test_foreign_types_are_not_parsed(media_type):
    assert decode_page(b"bytes", media_type, Limits()).stopper.code == "not-html"


def test_html_under_a_foreign_type_is_read():
    assert decode_page(b"<html><p>text", "application/octet-stream", Limits()).stopper is None
