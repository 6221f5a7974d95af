"""The sandbox: made-up accounts and carriers, and the simulator that plays the carriers."""

from pathlib import Path

RULES = Path(__file__).with_name("rules.yaml")
MOODS = Path(__file__).with_name("moods.yaml")
SMPP_PLACEHOLDER = "{smpp}"
"""In a rules file: the address of the simulator that runs here."""
STAND_IN = "127.0.0.1:2775"
"""What takes its place where it does not matter where the simulator listens."""


def speaks_of_simulator(file: Path) -> bool:
    """Whether a rules file has carriers at the simulator of the home. Raises OSError if it cannot be read."""
    return SMPP_PLACEHOLDER.encode() in file.read_bytes()
