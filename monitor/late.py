"""Regular expressions that are compiled when they are first asked for.

Reading pages knows a hundred of them, of which most pages need a third; compiling all takes as long as reading three pages.
"""

import re
from typing import Any, AnyStr, cast

_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "split", "sub")


class _Late:
    __slots__ = ("flags", "pattern", *_METHODS)

    def __init__(self, pattern: str | bytes, flags: int):
        self.pattern, self.flags = pattern, flags

    def __getattr__(self, name: str) -> Any:
        """At the first use; from then on each method is the expression's own."""
        if name not in _METHODS:
            raise AttributeError(name)
        compiled = re.compile(self.pattern, self.flags)
        for each in _METHODS:
            setattr(self, each, getattr(compiled, each))
        return getattr(compiled, name)


def late(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """What `re.compile` gives, for its methods only. A mistake in the pattern shows at the first use, so each needs a test."""
    return cast("re.Pattern[AnyStr]", _Late(pattern, flags))
