"""A real schema registry over HTTP: the calls of Confluent's REST API that registering needs.

confluent-kafka's own client cannot send an id or a version with a schema, and caches what it reads; hence httpx.
Source: docs.confluent.io/platform/current/schema-registry/develop/api.html.
"""

from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import quote

import httpx

from pipeline.errors import ForTheUser

CONTENT_TYPE = "application/vnd.schemaregistry.v1+json"
TIMEOUT_S = 30.0


class RegistryFailed(ForTheUser):
    """The registry does not answer, or answers with an error; the message has the call and the registry's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A version that a registry has."""

    id: int
    text: str


class RemoteRegistry:
    """One registry. Every method raises RegistryFailed."""

    def __init__(self, url: str, user: str = "", transport: httpx.BaseTransport | None = None) -> None:
        """`user` is name:password of HTTP basic authentication, '' for none; `transport` is a test's."""
        self.url = url.rstrip("/")
        name, _, password = user.partition(":")
        self._client = httpx.Client(
            auth=(name, password) if user else None,
            headers={"Accept": CONTENT_TYPE, "Content-Type": CONTENT_TYPE},
            timeout=TIMEOUT_S,
            transport=transport,
        )

    def __enter__(self) -> "RemoteRegistry":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def mode(self, subject: str) -> str:
        """READWRITE, READONLY, IMPORT ...: that of the subject if it has one, else of the whole registry."""
        own = self._call("GET", f"/mode/{_quoted(subject)}", or_none=True)
        found = own if own is not None else self._call("GET", "/mode")
        return str(found["mode"])

    def set_mode(self, subject: str, mode: str) -> None:
        """`force`: a subject that has versions may be imported into too."""
        self._call("PUT", f"/mode/{_quoted(subject)}?force=true", {"mode": mode})

    def compatibility(self, subject: str) -> str:
        """The subject's own level, '' if it has none."""
        found = self._call("GET", f"/config/{_quoted(subject)}", or_none=True)
        return "" if found is None else str(found.get("compatibilityLevel", ""))

    def set_compatibility(self, subject: str, level: str) -> None:
        self._call("PUT", f"/config/{_quoted(subject)}", {"compatibility": level})

    def versions(self, subject: str) -> list[int]:
        """Numbers of the versions under a subject; empty if there is no such subject."""
        found = self._call("GET", f"/subjects/{_quoted(subject)}/versions", or_none=True)
        return sorted(int(each) for each in found or ())

    def version(self, subject: str, number: int) -> Held | None:
        """One version, None if there is no such one."""
        found = self._call("GET", f"/subjects/{_quoted(subject)}/versions/{number}", or_none=True)
        return None if found is None else Held(id=int(found["id"]), text=found["schema"])

    def text_of(self, schema_id: int) -> str | None:
        """The schema of an id, None if it was never given out."""
        found = self._call("GET", f"/schemas/ids/{schema_id}", or_none=True)
        return None if found is None else str(found["schema"])

    def import_version(self, subject: str, number: int, schema_id: int, text: str) -> None:
        """Register a schema under an id and a version of our choice; the subject must be in mode IMPORT."""
        body = {"schema": text, "schemaType": "AVRO", "id": schema_id, "version": number}
        self._call("POST", f"/subjects/{_quoted(subject)}/versions", body)

    def remove(self, subject: str, number: int) -> None:
        """Take a version away for ever (a registry removes softly first)."""
        path = f"/subjects/{_quoted(subject)}/versions/{number}"
        self._call("DELETE", path, or_none=True)
        self._call("DELETE", f"{path}?permanent=true", or_none=True)

    def _call(self, verb: str, path: str, body: dict[str, Any] | None = None, *, or_none: bool = False) -> Any:
        try:
            answer = self._client.request(verb, self.url + path, json=body)
            found = answer.json()
        except httpx.HTTPError as error:
            raise RegistryFailed(f"the registry at {self.url} does not answer {verb} {path}: {error}") from error
        except ValueError as error:
            raise RegistryFailed(
                f"{self.url}{path} answers {answer.status_code} and no JSON: is that a schema registry?"
            ) from error
        if answer.status_code == httpx.codes.NOT_FOUND and or_none:
            return None
        if not answer.is_success:
            words = found.get("message", answer.text) if isinstance(found, dict) else answer.text
            raise RegistryFailed(f"{verb} {self.url}{path} is answered {answer.status_code}: {words}")
        return found


def _quoted(subject: str) -> str:
    return quote(subject, safe="")
