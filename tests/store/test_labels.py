import pytest
from builders import a_feed, a_new_entry
from sqlalchemy import event, update

from monitor.model import Grade, Label
from monitor.store import labels, retention
from monitor.store.schema import article


@pytest.fixture
def stored(store):
    """Two articles of one story, both judged."""
    store.has_feeds(a_feed())
    store.polled(a_new_entry("e1"), a_new_entry("e2"))
    store.read("Ukraine asks NATO.")
    store.judged()
    return store


def given(store, wanted: str, grade: Grade = Grade.YES, **fields):
    return store.write(labels.give_label, "topic", wanted, grade, store.now, **{"source": "command"} | fields)


def listed(store) -> list[Label]:
    return store.database.read_now(labels.list_labels, "topic")


def test_a_label_keeps_the_text_that_it_was_given_for(stored):
    given(stored, "https://nato.example/e1", note="the visit")

    (kept,) = listed(stored)
    assert (kept.id, kept.grade, kept.title, kept.text) == ("nato.example/e1", Grade.YES, "Title of e1", "Ukraine asks NATO.")
    assert (kept.url, kept.note, kept.source, kept.at) == ("https://nato.example/e1", "the visit", "command", stored.now)


def test_the_second_label_of_an_article_replaces_the_first(stored):
    given(stored, "https://nato.example/e1", Grade.YES)
    given(stored, "nato.example/e1", Grade.PARTLY)

    assert [each.grade for each in listed(stored)] == [Grade.PARTLY]


def test_a_label_of_a_story_is_one_of_the_article_by_which_the_topic_found_it(stored):
    def score_lower(connection):
        connection.exec_driver_sql("UPDATE match SET score = 0.6 WHERE article_id = (SELECT id FROM article WHERE url_key = 'nato.example/e1')")

    stored.write(score_lower)
    given(stored, "1")

    assert [each.id for each in listed(stored)] == ["nato.example/e2"]


@pytest.mark.parametrize("wanted", ["https://nato.example/none", "77", "9" * 30])
def test_of_what_is_not_there_nothing_can_be_said(stored, wanted):
    assert given(stored, wanted) is None
    assert listed(stored) == []


@pytest.mark.parametrize(("wanted", "topics"), [("1", ["topic"]), ("https://nato.example/e1", ["topic"]), ("2", []), ("https://nato.example/none", [])])
def test_a_story_is_about_the_topics_that_flag_it(stored, wanted, topics):
    assert stored.database.read_now(labels.topics_of, wanted) == topics


def test_where_no_topic_flags_a_story_it_is_about_those_that_name_it(stored):
    stored.write(lambda connection: connection.exec_driver_sql("UPDATE match SET matched = false"))

    assert stored.database.read_now(labels.topics_of, "1") == ["topic"]


def test_a_label_outlives_the_text_and_the_article(stored, clock):
    given(stored, "https://nato.example/e1")

    later = clock.forward(days=400)
    stored.write(retention.forget_texts, later)
    while stored.write(retention.forget_articles, later, later):
        pass

    assert [each.text for each in listed(stored)] == ["Ukraine asks NATO."]


@pytest.mark.parametrize("wanted", ["1", "https://nato.example/e1", "nato.example/e1"])
def test_a_label_can_be_taken_back(stored, wanted):
    given(stored, "https://nato.example/e1")

    forgotten = stored.write(labels.forget_label, "topic", wanted)

    assert [each.id for each in forgotten] == ["nato.example/e1"]
    assert listed(stored) == []
    assert stored.write(labels.forget_label, "topic", wanted) == []


def test_imported_labels_are_kept_by_their_ids_and_counted(store):
    rows = [
        Label(topic="topic", id="d1", grade=Grade.YES, title="One"),
        Label(topic="topic", id="d2", grade=Grade.NO),
        Label(topic="other", id="d1", grade=Grade.NO),
    ]

    assert store.write(labels.save_labels, rows, store.now) == 3
    store.write(labels.save_labels, rows[:1], store.now)

    assert [(each.id, each.at) for each in listed(store)] == [("d1", store.now), ("d2", store.now)]
    assert store.database.read_now(labels.count_labels) == {("topic", Grade.YES): 1, ("topic", Grade.NO): 1, ("other", Grade.NO): 1}


def streamed(store, since, **kwargs):
    return store.database.read_now(lambda connection: [each.url_key for each in labels.stream_articles(connection, since, **kwargs)])


def test_articles_are_streamed_in_order_and_only_those_that_were_judged(stored):
    stored.write(lambda connection: connection.execute(update(article).where(article.c.url_key == "nato.example/e2").values(step="read")))
    began = stored.now

    assert streamed(stored, began.replace(year=2020)) == ["nato.example/e1"]
    assert streamed(stored, began.replace(year=2100)) == []


def test_the_newest_articles_are_streamed_first_where_not_all_are_wanted(stored):
    everything = streamed(stored, stored.now.replace(year=2020))

    assert len(everything) == 2
    assert streamed(stored, stored.now.replace(year=2020), newest=1) == everything[-1:]


def test_streaming_sorts_nothing_in_memory(stored):
    if not stored.database.is_sqlite:
        return
    plans = []

    def explained(connection):
        @event.listens_for(connection, "before_cursor_execute")
        def note(_connection, cursor, statement, parameters, _context, _many):
            plans.extend(row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall())

        return list(labels.stream_articles(connection, stored.now.replace(year=2020)))

    assert len(stored.database.read_now(explained)) == 2
    assert plans == ["SEARCH article USING INDEX ix_article_seen_at (seen_at>?)"]
