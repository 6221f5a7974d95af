"""Looking at everything once. Each part degrades by itself: without Kafka, processes and disk are still told."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from infra.access.client_file import ClientFileInvalid
from infra.endpoints import EndpointMissing, EndpointsInvalid, read_endpoints
from infra.kafka_client import client_of
from infra.operator import now_us
from infra.status.cluster import KafkaAway, look_at_cluster, look_at_positions
from infra.status.disk import disk_of
from infra.status.errors import newest_errors
from infra.status.facts import Facts
from infra.status.lag import Positions, lags_between
from infra.status.processes import Seen, process_facts, read_processes
from infra.supervisor.record import orphans
from pipeline.kafka.client import Client

SHORT_LOOK_S = 1.0
STALE_S = 60.0
T = TypeVar("T")


class Look:
    """Looks at one home. Rates are measured against the look before; the first one takes a second for its own."""

    def __init__(self, home: Path, bootstrap: str | None) -> None:
        self._home = home
        self._bootstrap = bootstrap
        self._seen: Seen | None = None
        self._positions: Positions | None = None

    def facts(self) -> Facts:
        """Everything, as it is now. Blocking: a second and some the first time, longer if Kafka hesitates.

        Raises nothing for a Kafka that is away: `kafka` then says why, and `lags`, `binds` and `rules` are None.
        """
        if self._seen is None or time.monotonic() - self._seen.at > STALE_S:
            self._seen = read_processes(self._home)
            self._positions, _ = self._of_kafka(look_at_positions)
            time.sleep(SHORT_LOOK_S)
        before, positions = self._seen, self._positions
        cluster, why = self._of_kafka(lambda client: look_at_cluster(client, now_us()))
        seen = read_processes(self._home)
        self._seen, self._positions = seen, None if cluster is None else cluster.positions
        return Facts(
            home=str(self._home),
            supervisor_pid=0 if seen.supervisor is None else seen.supervisor.pid,
            orphans=tuple(orphans(self._home)),
            processes=process_facts(before, seen, has_kafka=self._has_kafka()),
            kafka=why,
            lags=None
            if cluster is None
            else lags_between(positions, cluster.positions, cluster.waiting, time.time() * 1000),
            binds=None if cluster is None else cluster.binds,
            rules=None if cluster is None else cluster.rules,
            errors=newest_errors(self._home / "logs", datetime.now(UTC)),
            disk=disk_of(self._home),
        )

    def _of_kafka(self, look: Callable[[Client], T]) -> tuple[T | None, str]:
        """What this look at Kafka found, or None and why there is nothing."""
        try:
            return look(client_of(self._home, self._bootstrap)), ""
        except (KafkaAway, EndpointMissing, EndpointsInvalid, ClientFileInvalid) as error:
            return None, str(error)

    def _has_kafka(self) -> bool:
        return not self._bootstrap and "kafka" in read_endpoints(self._home).by_name
