"""Free ports of 127.0.0.1, chosen so that a server can come back on the same one."""

from __future__ import annotations

import random
import socket

HOST = "127.0.0.1"
# Below Linux's ephemeral range (32768-60999): a client that tries a dead server's port again and
# again can otherwise be given that very port as its own, connect to itself, and keep it.
LOWEST, HIGHEST = 20_000, 32_000
ATTEMPTS = 500


def is_free(port: int, host: str = HOST) -> bool:
    """Whether a server could listen there now (a port whose old connections linger counts as free)."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def free_port(host: str = HOST) -> int:
    """A port that is free now, at random so that processes which choose at once seldom agree."""
    for _ in range(ATTEMPTS):
        port = random.randint(LOWEST, HIGHEST)
        if is_free(port, host):
            return port
    raise OSError(f"no free port on {host} between {LOWEST} and {HIGHEST}")


def answers(servers: str, timeout_s: float = 1.0) -> bool:
    """Whether one of these servers (`host:port[,host:port...]`) takes a connection."""
    for server in servers.split(","):
        host, _, port = server.rpartition(":")
        try:
            with socket.create_connection((host.strip("[]"), int(port)), timeout_s):
                return True
        except OSError:
            continue
    return False
