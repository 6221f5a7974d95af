"""The sandbox: made-up accounts and carriers, and the simulator that plays the carriers."""

from pathlib import Path

RULES = Path(__file__).with_name("rules.yaml")
MOODS = Path(__file__).with_name("moods.yaml")
SMPP_PLACEHOLDER = "{smpp}"
"""In a rules file: the address of the simulator that runs here."""
