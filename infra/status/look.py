"""Looking at everything once. Each part degrades by itself: without Kafka, processes and disk are still told."""

import time
from datetime import UTC, datetime
from pathlib import Path

from infra.access.client_file import ClientFileInvalid
from infra.commands.context import UserError, client_of
from infra.endpoints import read_endpoints
from infra.operator import now_us
from infra.status.cluster import Cluster, KafkaAway, look_at_cluster
from infra.status.disk import disk_of
from infra.status.errors import newest_errors
from infra.status.facts import Facts
from infra.status.lag import Positions, lags_between
from infra.status.processes import Seen, process_facts, read_processes
from infra.supervisor.record import orphans

SHORT_LOOK_S = 1.0
STALE_S = 60.0


class Look:
    """Looks at one home. Rates are measured against the look before; the first one takes a second for its own."""

    def __init__(self, home: Path, bootstrap: str | None) -> None:
        self._home = home
        self._bootstrap = bootstrap
        self._seen: Seen | None = None
        self._positions: Positions | None = None

    def facts(self) -> Facts:
        """Everything, as it is now. Blocking: a second and some the first time, longer if Kafka hesitates."""
        if self._seen is None or time.monotonic() - self._seen.at > STALE_S:
            self._seen = read_processes(self._home)
            cluster, _ = self._cluster()
            self._positions = None if cluster is None else cluster.positions
            time.sleep(SHORT_LOOK_S)
        before, positions = self._seen, self._positions
        cluster, why = self._cluster()
        seen = read_processes(self._home)
        self._seen, self._positions = seen, None if cluster is None else cluster.positions
        return Facts(
            home=str(self._home),
            supervisor_pid=0 if seen.supervisor is None else seen.supervisor.pid,
            orphans=tuple(orphans(self._home)),
            processes=process_facts(before, seen, has_kafka=self._has_kafka()),
            kafka=why,
            lags=None if cluster is None else lags_between(positions, cluster.positions, time.time() * 1000),
            binds=None if cluster is None else cluster.binds,
            rules=None if cluster is None else cluster.rules,
            errors=newest_errors(self._home / "logs", datetime.now(UTC)),
            disk=disk_of(self._home),
        )

    def _cluster(self) -> tuple[Cluster | None, str]:
        """A look at the cluster, or why there is none."""
        try:
            return look_at_cluster(client_of(self._home, self._bootstrap), now_us()), ""
        except (KafkaAway, UserError, ClientFileInvalid) as error:
            return None, str(error)

    def _has_kafka(self) -> bool:
        return not self._bootstrap and "kafka" in read_endpoints(self._home).by_name
