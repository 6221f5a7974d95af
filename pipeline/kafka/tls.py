"""The TLS settings of a Kafka client as Python has them, for the libraries beside librdkafka."""

import ssl

from pipeline.kafka.client import Client


def tls_context(client: Client) -> ssl.SSLContext:
    """As librdkafka has it: the system's authorities unless one is named; names are checked unless told not to.

    Reads the files; raises OSError for one that cannot be read (ssl.SSLError is one).
    """
    authority = client.get("ssl.ca.location")
    context = ssl.create_default_context(cafile=None if authority is None else str(authority))
    if client.get("ssl.endpoint.identification.algorithm", "https") == "none":
        context.check_hostname = False
    if str(client.get("enable.ssl.certificate.verification", True)).lower() == "false":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    certificate = client.get("ssl.certificate.location")
    if certificate is not None:
        key, password = client.get("ssl.key.location"), client.get("ssl.key.password")
        context.load_cert_chain(
            str(certificate), None if key is None else str(key), None if password is None else str(password)
        )
    return context
