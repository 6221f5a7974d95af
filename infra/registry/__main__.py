"""`python -m infra.registry [PORT]`: the registry of SLUICE_HOME, until SIGTERM."""

import sys

from infra.endpoints import sluice_home
from infra.registry.process import run_registry

run_registry(sluice_home(), port=int(sys.argv[1]) if len(sys.argv) > 1 else None)
