"""What the parts of Sluice need besides the topics that `schemas/topics.yaml` says they read and write."""

from collections.abc import Mapping
from dataclasses import dataclass

from infra.access.rights import Operation
from pipeline.kafka.topics import LANES

OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Groups that a part joins or commits to, ids of its transactions; `*_prefixes`: all that begin so."""

    groups: tuple[str, ...] = ()
    group_prefixes: tuple[str, ...] = ()
    transactional_ids: tuple[str, ...] = ()
    transactional_id_prefixes: tuple[str, ...] = ()
    cluster: tuple[Operation, ...] = ()


_THROTTLING = tuple(f"throttling-{lane}" for lane in LANES)

PARTS: Mapping[str, Part] = {
    "validation": Part(groups=tuple(f"validation-{lane}" for lane in LANES)),
    "routing": Part(groups=("routing",), transactional_id_prefixes=("routing-",)),
    "throttling": Part(groups=_THROTTLING, transactional_id_prefixes=tuple(f"{each}-" for each in _THROTTLING)),
    "connector": Part(group_prefixes=("connector-", "dispatch-"), transactional_id_prefixes=("connector-",)),
    "sink": Part(groups=("sluice-sink",)),
    "health": Part(transactional_ids=("sluice-health",)),
    "keeper": Part(),
    OPERATOR: Part(
        transactional_id_prefixes=("sluice-config-",),
        # ALTER: ACLs and passwords; ALTER_CONFIGS: quotas
        cluster=(Operation.ALTER, Operation.DESCRIBE, Operation.ALTER_CONFIGS),
    ),
}
NOT_BUILT = ("ledger",)
"""Named by the catalogue; there is no such process yet, so nobody gets its rights."""
UNJOINED_GROUPS = "sluice-"
"""Groups that are named because a client must name one, and never joined: describing them is all that it needs."""
