"""Many instances side by side: each begins when all that it needs has ended well.

What fails stops what depends on it, and nothing else.
"""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Mapping

Key = TypeVar("Key", bound="Hashable")
_NAME = "gaia-batch"


def side_by_side(
    needs: Mapping[Key, Collection[Key]],
    work: Callable[[Key], bool],
    *,
    parallel: int,
    stopped: Callable[[], bool] = lambda: False,
    skip: Callable[[Key, Key], None] = lambda _key, _because: None,
) -> tuple[Key, ...]:
    """Work on all keys of `needs`, at most `parallel` at once; gives those that were not begun because of `stopped`.

    Args:
        needs: by key, what has to end well before it begins; what is no key itself does not count. Without circles.
            Of those that could begin the first one does.
        work: carries one out, in a thread; whether what depends on it may go on. What it raises ends the others'
            beginning, and is raised here when those under way have ended.
        parallel: at least 1.
        stopped: asked before each beginning; once it says yes nothing is begun any more.
        skip: told of each key that is not tried, and which one that it needs is the cause.
    """
    waiting = {key: {one for one in needed if one in needs and one != key} for key, needed in needs.items()}
    causes: dict[Key, Key] = {}
    running: dict[Future[bool], Key] = {}
    broken: BaseException | None = None

    def ended(key: Key, because: Key | None) -> None:
        for other, left in list(waiting.items()):
            if key in left:
                left.discard(key)
                if because is not None and other not in causes:
                    causes[other] = because
                    del waiting[other]
                    skip(other, because)
                    ended(other, because)

    with ThreadPoolExecutor(parallel, thread_name_prefix=_NAME) as pool:
        while True:
            ready = [key for key, left in waiting.items() if not left]
            while ready and len(running) < parallel and broken is None and not stopped():
                key = ready.pop(0)
                del waiting[key]
                running[pool.submit(work, key)] = key
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                key = running.pop(future)
                try:
                    fine = future.result()
                except BaseException as error:  # noqa: BLE001 - raised below
                    broken, fine = broken or error, False
                ended(key, None if fine else key)
    if broken is not None:
        raise broken
    return tuple(waiting)
