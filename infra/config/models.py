"""The rules file as pydantic models: its shape, and what a value may be. References are checked in `rules_file`.

Money is written as a decimal in quotes ("0.0075") and becomes micros; a bare 0.0075 is refused, since YAML
makes a float of it.
"""

from functools import cache
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from infra.config.profile_model import ProfileModel
from infra.times import micros_of
from pipeline.domain.classes import MessageClass
from pipeline.domain.ids import is_name
from pipeline.domain.money import to_micros
from pipeline.domain.rules import ANY, INLINE_PRICES
from pipeline.domain.senders import InvalidSender, parse_sender, spelled
from pipeline.domain.templates import TemplateError, placeholders
from pipeline.domain.text.segments import LONGEST_RESERVE, Reserve

CLASSES = tuple(each.value for each in MessageClass)


def _name(value: str) -> str:
    if not is_name(value):
        raise ValueError("expected a name: a small letter, then 1-30 small letters, digits or hyphens")
    return value


def _tariff_name(value: str) -> str:
    kind, colon, owner = value.partition(":")
    return value if colon and kind in INLINE_PRICES and is_name(owner) else _name(value)


def _currency(value: str) -> str:
    if len(value) != 3 or not value.isascii() or not value.isalpha() or not value.isupper():
        raise ValueError("expected an ISO 4217 code such as USD")
    return value


def _country(value: object) -> str:
    if value is False:  # YAML reads NO as false
        raise ValueError('expected an ISO 3166-1 alpha-2 code; write "NO" in quotes for Norway')
    if not isinstance(value, str) or (value != ANY and value not in _regions()):
        raise ValueError("expected an ISO 3166-1 alpha-2 code such as CN, or '*' for all others")
    return value


def _one_country(value: object) -> str:
    if value == ANY:
        raise ValueError("expected one country such as CN: nothing holds here for all others")
    return _country(value)


@cache
def _regions() -> frozenset[str]:
    import phonenumbers

    return frozenset(phonenumbers.SUPPORTED_REGIONS)


def _micros(value: object) -> int:
    if not isinstance(value, str):
        raise ValueError('expected a decimal in quotes such as "0.0075"')
    micros = to_micros(value)
    if micros < 0:
        raise ValueError('expected "0" or more')
    return micros


def _rate(value: object) -> int:
    micros = _micros(value)
    if micros == 0:
        raise ValueError('expected more than "0"')
    return micros


def _class(value: str) -> str:
    if value not in CLASSES:
        raise ValueError(f"expected one of {', '.join(CLASSES)}")
    return value


def _class_or_any(value: str) -> str:
    return value if value == ANY else _class(value)


def _sender(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError('expected a sender in quotes such as "10690001" or "ACME"')
    try:
        return spelled(parse_sender(value)) if value else value
    except InvalidSender as error:
        raise ValueError(error.detail) from None


def _template_text(value: str) -> str:
    try:
        placeholders(value)
    except TemplateError as error:
        raise ValueError(error.detail) from None
    return value


def _password_ref(value: str) -> str:
    if value and not value.startswith(("file:", "env:")):
        raise ValueError("expected file:<path below the home> or env:<NAME>, never the password")
    return value


def _address(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise ValueError("expected host:port")
    return value


Name = Annotated[str, AfterValidator(_name)]
TariffName = Annotated[str, AfterValidator(_tariff_name)]
Currency = Annotated[str, AfterValidator(_currency)]
Country = Annotated[str, BeforeValidator(_country)]
OneCountry = Annotated[str, BeforeValidator(_one_country)]
Micros = Annotated[int, BeforeValidator(_micros)]
Rate = Annotated[int, BeforeValidator(_rate)]
Class = Annotated[str, AfterValidator(_class)]
ClassOrAny = Annotated[str, AfterValidator(_class_or_any)]
Sender = Annotated[str, BeforeValidator(_sender)]
Address = Annotated[str, AfterValidator(_address)]
PasswordRef = Annotated[str, AfterValidator(_password_ref)]
Positive = Annotated[int, Field(ge=1, le=1_000_000)]
OnUnknown = Annotated[str, Field(pattern="^(resend|hold)$")]
Prices = Annotated[dict[Country, Micros], Field(min_length=1)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StepModel(_Model):
    """What a part costs, by country, from a time on; the first step may leave it out, and holds from ever."""

    since: Annotated[int, BeforeValidator(micros_of)] = 0
    prices: Prices


class TariffModel(_Model):
    """Prices or costs of a part as dated steps; `prices` alone is one step from ever."""

    currency: Currency
    prices: Prices | None = None
    steps: Annotated[list[StepModel], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "TariffModel":
        if (self.prices is None) == (self.steps is None):
            raise ValueError("expected either prices or steps")
        return self


class AccountModel(_Model):
    """A customer: its tariff, and how fast it may send."""

    tariff: TariffName
    rate_per_s: Positive = 100
    burst: Positive = 100
    shards: Annotated[int, Field(ge=1, le=64)] = 1
    is_direct: bool = True
    default_sender: Sender = ""
    on_unknown: dict[Class, OnUnknown] = {}
    only_registered_senders: bool = False
    smart_encoding: bool = False
    quota_bytes_per_s: Annotated[int, Field(ge=1024)] = 1_048_576


class CarrierModel(_Model):
    """A carrier account: the tariff of its costs, what it carries, how to bind to it."""

    tariff: TariffName
    classes: Annotated[list[Class], Field(min_length=1)] = list(CLASSES)
    max_parts: Annotated[int, Field(ge=1, le=255)] = 10
    address: Address
    system_id: Annotated[str, Field(min_length=1, max_length=15)]
    password_ref: PasswordRef
    binds: Annotated[int, Field(ge=1, le=16)] = 1
    window: Annotated[int, Field(ge=1, le=1000)] = 10
    rate_per_s: Positive = 100
    response_timeout_s: Annotated[int, Field(ge=1, le=300)] = 30
    enquire_link_s: Annotated[int, Field(ge=1, le=3600)] = 30
    default_sender: Sender = ""
    profile: ProfileModel = ProfileModel()


class RouteModel(_Model):
    """Which carriers may take some classes to some countries; the cheapest one that can is chosen."""

    countries: Annotated[list[Country], Field(min_length=1)]
    classes: Annotated[list[ClassOrAny], Field(min_length=1)] = [ANY]
    carriers: Annotated[list[Name], Field(min_length=1)]


class TemplateModel(_Model):
    """One version of a text with {places}; a changed text is a new version."""

    account: Name
    name: Name
    version: Annotated[int, Field(ge=1)]
    text: Annotated[str, Field(min_length=1), AfterValidator(_template_text)]


class SenderModel(_Model):
    """A sender that an account may show, where and for which classes."""

    account: Name
    sender: Annotated[Sender, Field(min_length=1)]
    countries: Annotated[list[Country], Field(min_length=1)] = [ANY]
    classes: Annotated[list[ClassOrAny], Field(min_length=1)] = [ANY]


class ReserveModel(_Model):
    """Units that the operators of a country add to every text, before and after it."""

    prefix: Annotated[int, Field(ge=0, le=LONGEST_RESERVE)] = 0
    suffix: Annotated[int, Field(ge=0, le=LONGEST_RESERVE)] = 0

    @model_validator(mode="after")
    def _leaves_room(self) -> "ReserveModel":
        self.reserve()
        return self

    def reserve(self) -> Reserve:
        return Reserve(prefix=self.prefix, suffix=self.suffix)


class PolicyModel(_Model):
    """What holds for all. `exchange_rates` says what one unit of a currency is worth in the base currency."""

    base_currency: Currency = "USD"
    exchange_rates: dict[Currency, Rate] = {}
    max_parts: Annotated[int, Field(ge=1, le=255)] | None = None
    ucs2_countries: list[OneCountry] | None = None
    reserved_units: dict[OneCountry, ReserveModel] | None = None
    protected_names: list[Annotated[Sender, Field(min_length=1)]] | None = None
    attempt_budget_s: dict[Annotated[str, Field(pattern="^(express|bulk)$")], Positive] | None = None
    receipt_grace_s: Annotated[int, Field(ge=1)] | None = None
    may_reveal: list[Annotated[str, Field(min_length=1, max_length=64)]] | None = None
    on_unknown: dict[Class, OnUnknown] | None = None


class RulesFile(_Model):
    """The whole file. `version`: the revision that it becomes; it is refused if another one came in between."""

    version: Annotated[int, Field(ge=1)] | None = None
    tariffs: Annotated[dict[TariffName, TariffModel], Field(min_length=1)]
    accounts: Annotated[dict[Name, AccountModel], Field(min_length=1)]
    carriers: Annotated[dict[Name, CarrierModel], Field(min_length=1)]
    routes: Annotated[dict[Name, RouteModel], Field(min_length=1)]
    templates: list[TemplateModel] = []
    senders: list[SenderModel] = []
    policy: PolicyModel = PolicyModel()


def shown(value: Any) -> str:
    """A value in an error text: short, and never a whole table."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
