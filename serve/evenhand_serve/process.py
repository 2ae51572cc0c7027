"""The worker's process and the pipe to it, as the service has them."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from evenhand_serve.worker import Batch, Know, WorkerPlan


class WorkerDiedError(Exception):
    """The worker stopped, or hung and was stopped."""


class WorkerProcess:
    """A worker's process and the pipe to it; whoever makes it ends it.

    Args:
        plan: What the worker loads.
        target: What runs in the process.
    """

    def __init__(self, plan: WorkerPlan, target: Callable[[Connection, Any], None]) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would carry over open connections and locks
        self.connection, child = context.Pipe()
        self._ending = threading.Lock()
        self._process: SpawnProcess = context.Process(target=target, args=(child, plan), daemon=True)
        self._process.start()
        child.close()

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process.is_alive()

    def exchange(self, message: Batch | Know | None, timeout: float) -> Any:  # noqa: ANN401 - what the worker sends
        """Send something, if there is anything, and wait for what comes back.

        Raises:
            WorkerDiedError: its process ended, or did not answer in time and was ended.
        """
        try:
            if message is not None:
                self.connection.send(message)
            if not self.connection.poll(timeout):
                self.end()
                hung = "it did not answer"
                raise WorkerDiedError(hung)
            return self.connection.recv()
        except (EOFError, OSError):
            self._process.join(1)
            self.end()
            ended = f"it ended with exit status {self._process.exitcode}"
            raise WorkerDiedError(ended) from None

    def kill(self) -> None:
        """End its process; who waits at the pipe finds it closed."""
        with self._ending:  # who waits at the pipe ends it too, in another thread
            self._process.kill()
            self._process.join(5)

    def end(self) -> None:
        """End its process and close the pipe; for the thread that reads it, or when none does."""
        self.kill()
        if not self.connection.closed:
            self.connection.close()
