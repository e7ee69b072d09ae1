"""The guard has no second door: every place that could open a connection is known, and a whole run uses none but the guarded one."""

import ast
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
from threading import Thread

import pytest
from loopback import SECRET, serving

ROOT = Path(__file__).resolve().parents[1]
ROOM = ROOT / "monitor"

# ------------------------------------------------------------------------------------------ by reading
_OPENERS = """
    socket ssl aiohttp httpx httpx_aiohttp requests urllib3 urllib.request http.client http.server socketserver smtplib aiosmtplib aiosmtpd
    ftplib imaplib poplib nntplib telnetlib xmlrpc webbrowser subprocess multiprocessing pycurl curl_cffi websockets websocket paramiko apprise
    psycopg uvicorn feedparser trafilatura htmldate tldextract lxml bs4 xml.sax xml.dom xml.etree protego
    """
OPENERS = frozenset(_OPENERS.split())
"""Modules that connect, start programs that may, or load what a document or an argument points to."""

_CALLS = """
    open_connection open_unix_connection create_connection create_unix_connection create_datagram_endpoint sock_connect start_server
    create_server create_subprocess_exec create_subprocess_shell getaddrinfo gethostbyname urlopen urlretrieve fetch_url fetch_response popen
    system spawnv execv TLDExtract start_tls ClientSession TCPConnector
    """
CALLS = frozenset(_CALLS.split())

ALLOWED = {
    ("fetcher/client.py", "socket"): "the guarded door itself",
    ("fetcher/client.py", "ssl"): "the guarded door itself",
    ("fetcher/client.py", "aiohttp"): "the guarded door itself",
    ("fetcher/client.py", "ClientSession"): "the guarded door itself",
    ("fetcher/client.py", "TCPConnector"): "the guarded door itself, with its own resolver and socket factory",
    ("fetcher/client.py", "getaddrinfo"): "the look-up whose answers the guard checks",
    ("notifiers/email.py", "aiosmtplib"): "mail goes to the operator's server, which is often a private one",
    ("notifiers/email.py", "ssl"): "mail goes to the operator's server",
    ("web/__init__.py", "uvicorn"): "listens, connects nowhere",
    ("sandbox/__init__.py", "create_subprocess_exec"): "our own Python, to parse in",
    ("demo/run.py", "socket"): "the demo chooses its ports",
    ("demo/run.py", "create_subprocess_exec"): "the demo starts the daemon",
    ("demo/httpd.py", "start_server"): "the demo's sites listen on loopback",
    ("demo/inbox.py", "aiosmtpd"): "the demo's mailbox listens on loopback",
    ("demo/inbox.py", "create_server"): "the demo's mailbox listens on loopback",
    ("urls.py", "tldextract"): "the list that came with it",
    ("urls.py", "TLDExtract"): "without addresses to fetch the list from",
    ("feeds/xmlfeed.py", "feedparser"): "given bytes, never an address",
    ("feeds/wellformed.py", "feedparser"): "its table of names",
    ("feeds/wellformed.py", "lxml"): "parses bytes without network",
    ("feeds/discover.py", "lxml"): "parses HTML, which loads nothing",
    ("feeds/plain.py", "lxml"): "parses HTML, which loads nothing",
    ("feeds/opml.py", "xml.sax"): "quotes an attribute",
    ("articles/body.py", "lxml"): "a type",
    ("fetcher/robots.py", "protego"): "given text, never an address",
    ("articles/body.py", "trafilatura"): "given a tree",
    ("articles/blocks.py", "lxml"): "walks a tree",
    ("articles/structure.py", "lxml"): "a type",
    ("articles/extract.py", "lxml"): "a type",
    ("articles/feed_text.py", "lxml"): "parses HTML, which loads nothing",
    ("articles/grade.py", "lxml"): "a type",
    ("articles/hidden.py", "lxml"): "a type",
    ("articles/metadata.py", "lxml"): "a type",
    ("articles/metadata.py", "trafilatura"): "given a tree",
    ("articles/metadata.py", "htmldate"): "given a tree: text that begins with http would be fetched",
    ("articles/sites.py", "bs4"): "given text",
}

_EXECUTING = """
    eval exec compile __import__ system popen from_string
    """
EXECUTING = frozenset(_EXECUTING.split())
"""Calls that make a program of a text."""

ALLOWED_TO_EXECUTE: dict[tuple[str, str], str] = {}


def sources(room: Path) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(room.rglob("*.py")):
        yield path.relative_to(room).as_posix(), ast.parse(path.read_text("utf-8"))


def imported(node: ast.AST) -> list[str]:
    match node:
        case ast.Import():
            return [alias.name for alias in node.names]
        case ast.ImportFrom(module=str(module), level=0):
            return [f"{module}.{alias.name}" for alias in node.names]
        case _:
            return []


def called(node: ast.AST) -> str:
    match node:
        case ast.Call(func=ast.Attribute(attr=name)) | ast.Call(func=ast.Name(id=name)):
            return name
        case _:
            return ""


def doors(room: Path) -> set[tuple[str, str]]:
    """Each file with each thing in it that could open a connection."""
    found = set()
    for file, tree in sources(room):
        for node in ast.walk(tree):
            for name in imported(node):
                found |= {(file, opener) for opener in OPENERS if name == opener or name.startswith(f"{opener}.")}
            if isinstance(node, ast.Attribute | ast.Name) and (name := ast.unparse(node).rpartition(".")[2]) in CALLS:
                found.add((file, name))  # called, handed on, or made a class of
    return found


def test_every_place_that_could_open_a_connection_is_known_with_its_reason():
    assert doors(ROOM) == set(ALLOWED)


def loose_parsers(room: Path) -> list[str]:
    """Calls of parsers that may load what their argument or the document points to."""
    return [f"{file}: {ast.unparse(node)[:120]}" for file, tree in sources(room) for node in ast.walk(tree) if isinstance(node, ast.Call) and is_loose(node)]


def is_loose(call: ast.Call) -> bool:
    function, given = ast.unparse(call.func), {word.arg: ast.unparse(word.value) for word in call.keywords}
    first = ast.unparse(call.args[0]) if call.args else ""
    match function.rpartition(".")[2], function.partition(".")[0]:
        case "parse", "feedparser":
            return not first.startswith("BytesIO(")
        case "parse" | "iterparse" | "XInclude" | "xinclude" | "XSLT" | "DTD" | "RelaxNG" | "XMLSchema", "etree" | "html" | "lxml" | "sax" | "minidom":
            return True
        case "XMLParser" | "XMLPullParser", _:
            return (given.get("no_network"), given.get("resolve_entities"), given.get("load_dtd")) != ("True", "False", "False")
        case "HTMLParser", _:
            return given.get("no_network", "True") != "True"
        case "fromstring", "etree":
            return len(call.args) < 2 and "parser" not in given
        case "bare_extraction" | "extract_author" | "find_date", _:
            return first != "tree"
        case "TLDExtract", _:
            return (given.get("suffix_list_urls"), given.get("cache_dir")) != ("()", "None")
        case _:
            return False


def test_A32_no_parser_may_load_what_a_document_points_to():
    assert loose_parsers(ROOM) == []


def executing(room: Path) -> set[tuple[str, str]]:
    """Where a text could become a program; `re.compile` makes none."""
    return {
        (file, called(node))
        for file, tree in sources(room)
        for node in ast.walk(tree)
        if called(node) in EXECUTING and not ast.unparse(node).startswith("re.compile(")
    }


def test_A66_no_component_makes_a_program_of_a_text():
    assert executing(ROOM) == set(ALLOWED_TO_EXECUTE)


PLANTED = [
    pytest.param("import urllib.request", doors, id="urllib"),
    pytest.param("from urllib import request", doors, id="urllib, from its package"),
    pytest.param("import requests", doors, id="requests"),
    pytest.param("def f():\n    from http.client import HTTPConnection", doors, id="inside a function"),
    pytest.param("import smtplib", doors, id="mail"),
    pytest.param("import apprise", doors, id="apprise"),
    pytest.param("async def f(loop):\n    await loop.create_connection(None, 'x', 1)", doors, id="a connection of the loop"),
    pytest.param("from trafilatura import fetch_url", doors, id="a library that fetches"),
    pytest.param("import subprocess\nsubprocess.run(['curl', 'x'])", doors, id="another program"),
    pytest.param("feedparser.parse(url)", loose_parsers, id="feedparser with an address"),
    pytest.param("etree.parse(url)", loose_parsers, id="lxml with an address"),
    pytest.param("etree.XMLParser(recover=True)", loose_parsers, id="a parser that resolves entities"),
    pytest.param("etree.fromstring(document)", loose_parsers, id="the default parser"),
    pytest.param("find_date(url)", loose_parsers, id="htmldate with an address"),
    pytest.param("tldextract.TLDExtract()", loose_parsers, id="a suffix list from the network"),
    pytest.param("eval(title)", executing, id="A66 eval"),
    pytest.param("environment.from_string(title)", executing, id="A66 a template from a title"),
    pytest.param("os.system(title)", executing, id="A66 a shell"),
]


@pytest.mark.parametrize(("planted", "look"), PLANTED)
def test_A66_a_planted_door_is_found(tmp_path, planted, look):
    (tmp_path / "room.py").write_text("import re\nA = re.compile('a')\n")
    before = look(tmp_path)
    (tmp_path / "room.py").write_text(planted)

    assert (len(before), len(look(tmp_path)) > 0) == (0, True)


# ------------------------------------------------------------------------------------------ by running
@contextmanager
def canary() -> Iterator[tuple[int, list[str]]]:
    """A listener on an address that is forbidden; gives its port and who came."""
    visitors: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            while True:
                try:
                    visitor, address = listener.accept()
                except OSError:
                    return
                visitors.append(str(address))
                visitor.close()

        thread = Thread(target=greet, daemon=True)
        thread.start()
        yield listener.getsockname()[1], visitors
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


CONFIG = """version = 1
[network]
contact = "https://test.invalid/about"
timeout = "5s"
per_host = {{ concurrent = 8, gap = "0s" }}
allow_private = ["127.9.0.0/16"]
[polling]
interval = {{ min = "1m", max = "1m", adaptive = false }}
backfill = "48h"
[articles]
fetch = "all"
[opml]
file = "{folder}/feeds.opml"
{feeds}
[topics.t]
title = "T"
rule = "a"
digest_at = 0.1
alert_at = 0.1
[topics.t.groups]
a = {{ weight = 3.0, terms = ["nato"] }}
[subscribers.desk]
topics = ["t"]
alert = {{ min_score = 0.1, max_per_hour = 1000, settle = "0s" }}
channels = [{channels}]
"""

ENTITIES = """<?xml version="1.0"?><?xml-stylesheet href="{canary}/style.xsl" type="text/xsl"?>
<!DOCTYPE rss SYSTEM "{canary}/rss.dtd" [<!ENTITY x SYSTEM "{canary}/entity"><!ENTITY % p SYSTEM "{canary}/parameter"> %p;]>
<rss version="2.0" xmlns:xi="http://www.w3.org/2001/XInclude" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">
<channel><title>t &x;</title><link>{canary}/</link><atom:link rel="hub" href="{canary}/hub"/><itunes:new-feed-url>{canary}/new</itunes:new-feed-url>
<image><url>{canary}/icon.png</url></image><cloud domain="127.0.0.1" port="1" path="/" registerProcedure="" protocol="http-post"/>
<item><title>NATO one</title><link>{canary}/article</link><guid>1</guid><pubDate>{now}</pubDate><enclosure url="{canary}/a.mp3" length="1" type="audio/mpeg"/><xi:include href="{canary}/xi"/></item>
<item><title>NATO two</title><link>{good}/away</link><guid>2</guid><pubDate>{now}</pubDate><description>&lt;img src="{canary}/pixel.gif"&gt;</description></item>
<item><title>NATO three</title><link>{good}/page</link><guid>3</guid><pubDate>{now}</pubDate></item>
</channel></rss>"""

PAGE = """<!doctype html><html><head><title>NATO three</title><base href="{canary}/"><link rel="canonical" href="{canary}/canonical">
<link rel="alternate" type="application/rss+xml" href="{canary}/feed.xml"><link rel="icon" href="{canary}/favicon.ico"><link rel="amphtml" href="{canary}/amp">
<meta http-equiv="refresh" content="0;url={canary}/refresh"></head><body><article><h1>NATO three</h1><p>{words}</p></article><img src="{canary}/x.png"></body></html>"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A cycle over feeds, pages and webhooks that all point to a forbidden listener, in every way we know."""
    folder = tmp_path_factory.mktemp("doors")
    with serving("127.9.9.9") as web, canary() as (port, visitors):
        forbidden = f"http://127.0.0.1:{port}"
        web.pages |= {
            "/entities.xml": (200, {"Content-Type": "application/rss+xml"}, ENTITIES.format(canary=forbidden, good=web.address, now=formatdate()).encode()),
            "/redirect.xml": (302, {"Location": f"{forbidden}/feed.xml"}, b""),
            "/moved.xml": (301, {"Location": f"{forbidden}/feed.xml"}, b""),
            "/twice.xml": (302, {"Location": "/redirect.xml"}, b""),
            "/site.html": (200, {"Content-Type": "text/html"}, PAGE.format(canary=forbidden, words="Words. " * 200).encode()),
            "/other.html": (200, {"Content-Type": "text/html"}, PAGE.format(canary=forbidden, words="").encode()),
            "/away": (302, {"Location": f"{forbidden}/article"}, b""),
            "/page": (200, {"Content-Type": "text/html"}, PAGE.format(canary=forbidden, words="NATO words. " * 200).encode()),
            "/list.opml": (200, {}, f'<opml version="2.0"><body><outline type="rss" text="x" xmlUrl="{forbidden}/listed.xml"/></body></opml>'.encode()),
            "/robots.txt": (302, {"Location": f"{forbidden}/robots.txt"}, b""),
        }
        spellings = [
            f"127.0.0.1:{port}",
            f"2130706433:{port}",
            f"0x7f000001:{port}",
            f"0177.0.0.1:{port}",
            f"127.1:{port}",
            f"[::ffff:127.0.0.1]:{port}",
            f"localhost:{port}",
        ]
        addresses = [f"http://{host}/feed.xml" for host in spellings]
        addresses += [f"{web.address}{path}" for path in ("/entities.xml", "/redirect.xml", "/moved.xml", "/twice.xml", "/site.html")]
        feeds = "".join(f'[feeds.f{number}]\nurl = "{url}"\n' for number, url in enumerate(addresses))
        (folder / "feeds.opml").write_text(f'<opml version="2.0"><body><outline type="rss" text="x" xmlUrl="{forbidden}/opml.xml"/></body></opml>')
        (folder / "secret").write_text(SECRET)
        (folder / "secret").chmod(0o600)
        hooks = [f"{forbidden}/hook", f"http://localhost:{port}/hook", f"{web.address}/hook"]
        channels = ", ".join(f'{{ webhook = "{url}", secret_file = "{folder}/secret" }}' for url in hooks)
        (folder / "config.toml").write_text(CONFIG.format(folder=folder, feeds=feeds, channels=channels))
        events = []

        def audited(*arguments: str) -> subprocess.CompletedProcess[str]:
            """With a proxy in the environment that leads to the forbidden listener."""
            command = [sys.executable, str(ROOT / "tests" / "audited.py"), str(folder / "events.json"), "--config", str(folder / "config.toml")]
            proxies = dict.fromkeys(("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"), forbidden)
            environment = {**os.environ, **proxies}
            done = subprocess.run(
                [*command, "--state", str(folder / "state"), *arguments], capture_output=True, text=True, timeout=100, cwd=ROOT, env=environment
            )
            events.extend(json.loads((folder / "events.json").read_text()))
            return done

        polled = audited("poll", "--all", "--json")
        assert polled.returncode == 0, polled.stderr
        commands = {
            "feeds check": audited("feeds", "check"),
            "feeds add a site": audited("feeds", "add", f"{web.address}/other.html", "--yes"),
            "feeds add": audited("feeds", "add", f"{forbidden}/unknown.xml", "--yes"),
            "feeds import": audited("feeds", "import", f"{forbidden}/list.opml", "--yes"),
            "feeds import a list": audited("feeds", "import", f"{web.address}/list.opml", "--yes"),
        }
        yield {
            "summary": json.loads(polled.stdout),
            "events": events,
            "commands": commands,
            "visitors": visitors,
            "asked": {path for path, _ in web.asked},
            "posted": [path for path, _, _ in web.posted],
        }


def test_A17_A18_A19_no_door_reaches_a_forbidden_address(run):
    assert run["visitors"] == []


def test_A09_A19_every_connection_of_a_run_goes_through_the_guarded_socket(run):
    connects = [event for event in run["events"] if event["event"] == "socket.connect"]

    assert len(connects) >= 4
    assert {event["host"] for event in connects} == {"127.9.9.9"}
    assert [event for event in run["events"] if not event["is_guarded"]] == []


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("feeds check", "private-address"),
        ("feeds add", "private-address"),
        ("feeds add a site", "leads to none"),
        ("feeds import", "private-address"),
        ("feeds import a list", "127.0.0.1"),
    ],
)
def test_A19_a_command_that_is_led_to_a_forbidden_address_fails_and_says_so(run, command, says):
    done = run["commands"][command]

    assert done.returncode != 0
    assert says in done.stdout + done.stderr


def test_the_run_tried_every_way(run):
    assert {"/entities.xml", "/redirect.xml", "/moved.xml", "/twice.xml", "/site.html", "/away", "/page", "/list.opml", "/other.html", "/robots.txt"} <= run[
        "asked"
    ]
    assert "/hook" in run["posted"]
    assert run["summary"]["feeds"]["failed"] >= 10
    assert run["summary"]["alerts"] > 0
