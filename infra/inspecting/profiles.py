"""The carriers that a question may name: those of a rules file, beside the built-in profiles."""

from pathlib import Path

from infra.inspecting.kind import Profiles
from pipeline.domain.profiles import BUILT_IN


def profiles_of(rules: Path | None) -> Profiles:
    """Carrier profiles by name; a carrier of the file wins over a built-in profile. Raises RulesInvalid, OSError."""
    if rules is None:
        return BUILT_IN
    from infra.config.rules_file import load_rules

    carriers = load_rules(rules).carriers
    return {**BUILT_IN, **{name: carrier.profile for name, carrier in carriers.items()}}
