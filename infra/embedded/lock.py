"""Make `kafka-jars.lock` anew: `python -m infra.embedded.lock [KAFKA_VERSION]`.

For maintainers, when Kafka is upgraded. Maven (`mvn`, on PATH) resolves the runtime dependencies
once; the checksums are of the files it fetched and verified. The product itself never calls Maven.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

from infra.embedded.jars import LOCK_FILE, Jar

KAFKA_VERSION = "4.3.1"
SCALA_VERSION = "2.13"
# Kafka's POM brings log4j-core but nothing that ties slf4j 1.7, which it logs through, to it.
LOG4J_VERSION = "2.25.4"

_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion>
<groupId>sluice</groupId><artifactId>kafka-jars</artifactId><version>1</version>
<dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_{scala}</artifactId><version>{kafka}</version></dependency>
<dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId>
<version>{log4j}</version></dependency>
</dependencies></project>
"""


def resolve(kafka_version: str, folder: Path) -> list[Jar]:
    """Let Maven copy the runtime jars into `folder` and describe them, sorted by coordinates."""
    pom = folder / "pom.xml"
    pom.write_text(_POM.format(scala=SCALA_VERSION, kafka=kafka_version, log4j=LOG4J_VERSION), "utf-8")
    goal = "org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies"
    subprocess.run(
        ["mvn", "-q", "-B", "-f", str(pom), goal, "-DincludeScope=runtime", "-Dmdep.useRepositoryLayout=true",
         f"-DoutputDirectory={folder / 'jars'}"],
        check=True,
    )  # fmt: skip
    return sorted((_describe(path, folder / "jars") for path in folder.glob("jars/**/*.jar")), key=Jar.line)


def _describe(path: Path, repository: Path) -> Jar:
    *group, artifact, version, _ = path.relative_to(repository).parts
    content = path.read_bytes()
    return Jar(
        group=".".join(group),
        artifact=artifact,
        version=version,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
    )


def main(arguments: list[str]) -> None:
    """Write the lock for the Kafka version named first, else the one of this file."""
    version = arguments[0] if arguments else KAFKA_VERSION
    with tempfile.TemporaryDirectory() as folder:
        jars = resolve(version, Path(folder))
    head = f"# Apache Kafka {version}, one KRaft node. Made by `python -m infra.embedded.lock`.\n"
    LOCK_FILE.write_text(head + "".join(f"{jar.line()}\n" for jar in jars), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
