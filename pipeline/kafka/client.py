"""What every Kafka client of ours is made with: where Kafka is and how to speak with it safely, in one mapping.

The words are librdkafka's. The mapping travels whole from the command to each client, so that none is left without.
"""

from collections.abc import Mapping

Client = Mapping[str, str | int | bool]
BOOTSTRAP = "bootstrap.servers"
SETTINGS = frozenset(
    {
        BOOTSTRAP, "security.protocol", "sasl.mechanism", "sasl.mechanisms", "sasl.username", "sasl.password",
        "ssl.ca.location", "ssl.certificate.location", "ssl.key.location", "ssl.key.password",
        "ssl.endpoint.identification.algorithm", "enable.ssl.certificate.verification",
    }
)  # fmt: skip
"""All that may be said of how to reach Kafka: what both librdkafka and Faust's transport can be given."""
PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
MECHANISM = "SCRAM-SHA-512"
"""That of the passwords which are made here."""
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", MECHANISM)


def client_config(bootstrap: str, security: Client) -> dict[str, str | int | bool]:
    """`host:port[,host:port...]` and more settings (TLS, SASL) as one mapping; the address given here wins."""
    return {**security, BOOTSTRAP: bootstrap}
