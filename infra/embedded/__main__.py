"""`python -m infra.embedded [PORT]`: the Kafka of SLUICE_HOME, until SIGTERM."""

import sys

from infra.embedded.errors import EmbeddedError
from infra.embedded.process import run_kafka
from infra.endpoints import sluice_home

try:
    sys.exit(run_kafka(sluice_home(), port=int(sys.argv[1]) if len(sys.argv) > 1 else None))
except EmbeddedError as error:
    sys.exit(str(error))
