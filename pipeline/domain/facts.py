"""Which versions of outside facts decisions rest on, so that a replay can explain a difference."""

import unicodedata

import phonenumbers
import regex

CODE = "0.3.0"  # of how is decided, not of the package: raise it when the same log would be decided otherwise
FACTS_VERSION = (
    f"sluice/{CODE} phonenumbers/{phonenumbers.__version__} regex/{regex.__version__} "
    f"unicode/{unicodedata.unidata_version}"
)
