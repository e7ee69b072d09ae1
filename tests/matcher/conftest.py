"""A small topic that tests change one thing of."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from monitor.matcher.query import CompiledTopic, Group, compile_topic

GROUPS: Mapping[str, Group] = {
    "nato": Group(weight=3.0, terms=("=NATO", '"mark rutte"', "нато")),
    "ukraine": Group(weight=3.0, terms=("ukrain*", "kyiv", "украин*")),
    "arms": Group(weight=1.5, terms=('"air defen*"', "patriot")),
    "satire": Group(weight=-3.0, terms=("(dpo)",)),
}


@pytest.fixture
def topic() -> Callable[..., CompiledTopic]:
    def compiled(rule: str = "nato AND ukraine", **changes: Any) -> CompiledTopic:
        definition = {"title": "A topic", "groups": GROUPS, "digest_at": 0.5, "alert_at": 0.8} | changes
        return compile_topic("watch", rule=rule, **definition)

    return compiled
