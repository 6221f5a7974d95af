"""A fake SMSC worth trusting: an SMPP 3.4 server with moods, phones, a journal and a control API.

A product of its own: it knows nothing of the connector and shares no codec with it. README.md says how to use it.
"""

from connectors.simulator.errors import SimulatorError
from connectors.simulator.journal import JournalBroken
from connectors.simulator.settings import Settings, SettingsError, load_settings, parse_settings
from connectors.simulator.simulator import Endpoints, PortBusy, run_simulator

__all__ = [
    "Endpoints",
    "JournalBroken",
    "PortBusy",
    "Settings",
    "SettingsError",
    "SimulatorError",
    "load_settings",
    "parse_settings",
    "run_simulator",
]
