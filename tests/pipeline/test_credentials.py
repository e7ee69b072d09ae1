"""Logins of feeds: sent with their polls, to their own address and no other."""

from dataclasses import replace

import pytest

from monitor import pipeline
from monitor.store import feeds
from monitor.store.schema import feed

LOGIN = {"Authorization": "Bearer t0ken"}


@pytest.fixture
def watched(life, make):
    life.web.feed("/a.xml", (make.TITLE, "/1.html", make.LEAD, life.clock()))
    life.web.feed("/b.xml", (make.TITLE, "/1.html", make.LEAD, life.clock()))
    life.watches("/a.xml")
    return life


async def poll(life, make, **rules):
    settings = life.settings
    asked = replace(settings, rules_of=lambda feed_id: replace(settings.rules_of(feed_id), **rules))
    for claim in life.database.write_now(feeds.claim_feeds, life.clock(), make.LEASE, 1, even_if_not_due=True):
        await pipeline.poll_feed(life.doors, asked, claim)


async def test_a_login_goes_with_the_polls_of_its_feed_and_not_with_its_articles(watched, make):
    await poll(watched, make, private_headers=LOGIN)
    await watched.read()

    assert {path: headers.get("Authorization") for path, headers in watched.web.asked if path != "/robots.txt"} == {"/a.xml": "Bearer t0ken", "/1.html": None}


@pytest.mark.parametrize(("host", "sent"), [("127.0.0.1", "Bearer t0ken"), ("127.0.0.2", None)])
async def test_C55_a_feed_that_moved_to_another_host_is_asked_without_its_login(watched, make, host, sent):
    address = watched.web.address
    watched.update(feed, configured_url=f"{address.replace('127.0.0.1', host)}/a.xml", url=f"{address}/b.xml")

    await poll(watched, make, private_headers=LOGIN)

    ((path, headers),) = watched.web.asked
    assert (path, headers.get("Authorization")) == ("/b.xml", sent)


async def test_new_credentials_are_told_from_old_ones(life):
    rules = life.settings.rules_of("a")

    fingerprints = [replace(rules, private_headers=headers).credentials_sha256 for headers in ({}, LOGIN, {"Authorization": "Bearer other"}, {**LOGIN})]

    assert fingerprints[0] == ""
    assert (fingerprints[1] == fingerprints[3], len(set(fingerprints))) == (True, 3)
