"""Which versions of outside facts decisions rest on, so that a replay can explain a difference."""

import unicodedata

import phonenumbers

CODE = "0.1.0"
FACTS_VERSION = f"sluice/{CODE} phonenumbers/{phonenumbers.__version__} unicode/{unicodedata.unidata_version}"
