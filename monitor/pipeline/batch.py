"""Claims one after another."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


async def one_by_one(step: Callable[[T], Awaitable[None]], claims: Sequence[T]) -> None:
    """Run the step for each, so that one that fails does not hold up its neighbours. raises: what steps raised, when all had their turn."""
    errors = []
    for claim in claims:
        try:
            await step(claim)
        except Exception as error:  # noqa: BLE001 -- handed on below
            errors.append(error)
    if errors:
        raise errors[0] if len(errors) == 1 else ExceptionGroup("claims whose step failed; they come back after their lease", errors)
