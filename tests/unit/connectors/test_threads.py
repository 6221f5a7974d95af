"""Laws of the threads for blocking calls."""

import threading

import pytest

from connectors.threads import DaemonThreads


def test_calls_run_at_the_same_time_and_give_their_results_and_errors() -> None:
    threads = DaemonThreads("t")
    meet = threading.Barrier(3, timeout=5)
    futures = [threads.submit(meet.wait) for _ in range(3)]
    assert sorted(future.result(5) for future in futures) == [0, 1, 2]
    with pytest.raises(ZeroDivisionError):
        threads.submit(lambda: 1 // 0).result(5)
    threads.shutdown()


def test_a_stuck_call_holds_up_neither_the_others_nor_the_end_of_the_process() -> None:
    threads = DaemonThreads("t")
    stuck = threading.Event()
    names = threads.submit(lambda: threading.current_thread().daemon)
    waiting = threads.submit(stuck.wait)
    assert names.result(5) is True
    assert threads.submit(lambda: "done").result(5) == "done"
    threads.shutdown()
    stuck.set()
    assert waiting.result(5) is True
