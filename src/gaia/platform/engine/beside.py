"""Steps of a run that are carried out side by side, while whoever asks for their results does so one after the other.

DBOS remembers steps in an order that must be the same whenever a run is gone on with. So each of these stays a step of
its own in that order; the first one that is asked for begins them all, and the others are only waited for.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from gaia.operations.batch import side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping


class Beside:
    """`work` is carried out for each name, in a thread of its own, once what it needs has ended well."""

    def __init__(
        self,
        needs: Callable[[], Mapping[str, Collection[str]]],
        work: Callable[[str], dict[str, Any]],
        *,
        skipped: Callable[[str, str], dict[str, Any]],
        left: Callable[[str], dict[str, Any]],
        parallel: int,
        stopped: Callable[[], bool],
    ) -> None:
        """`skipped` gives the result of a name that is not tried because of another, `left` of one that a stop left.

        A result with `stop` in it is one of what did not end well.
        """
        self._needs, self._work = needs, work
        self._skipped, self._left = skipped, left
        self._parallel, self._stopped = parallel, stopped
        self._results: dict[str, Future[dict[str, Any]]] = {}
        self._thread: threading.Thread | None = None
        self._abandoned = False

    def result(self, name: str) -> dict[str, Any]:
        """The result of one; what its work raised is raised here."""
        if self._thread is None:
            needs = self._needs()
            self._results = {each: Future() for each in needs}
            self._thread = threading.Thread(target=self._run, args=(needs,), name="gaia-beside", daemon=True)
            self._thread.start()
        return self._results[name].result()

    def stops(self) -> Iterator[dict[str, Any]]:
        """The results of those that did not end well, once all have ended."""
        for result in self._results.values():
            if result.done() and result.exception() is None and "stop" in result.result():
                yield result.result()

    def abandon(self) -> None:
        """Begin no more: nobody can write down what they would do."""
        self._abandoned = True

    def close(self) -> None:
        """Wait until all have ended."""
        if self._thread is not None:
            self._thread.join()

    def _run(self, needs: Mapping[str, Collection[str]]) -> None:
        try:
            left = side_by_side(
                needs,
                self._one,
                parallel=self._parallel,
                stopped=lambda: self._abandoned or self._stopped(),
                skip=lambda name, because: self._results[name].set_result(self._skipped(name, because)),
            )
            for name in left:
                self._results[name].set_result(self._left(name))
        except BaseException as error:  # noqa: BLE001 - raised by `result`
            for result in self._results.values():
                if not result.done():
                    result.set_exception(error)

    def _one(self, name: str) -> bool:
        try:
            result = self._work(name)
        except BaseException as error:
            self._results[name].set_exception(error)
            raise
        self._results[name].set_result(result)
        return "stop" not in result
