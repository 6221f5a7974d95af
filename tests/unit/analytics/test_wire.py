"""Bodies and codes as clients expect them."""

import pytest

from analytics.wire import (
    MAX_BODY_OCTETS,
    BadBody,
    choose_encoding,
    compress,
    decompress,
    empty_native,
    error_code,
    error_text,
    http_status,
)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "lz4", "zstd", ""])
def test_what_is_compressed_is_read_again(encoding: str) -> None:
    assert decompress(compress(b"SELECT 1" * 99, encoding), encoding) == b"SELECT 1" * 99


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "lz4", "zstd", "br"])
def test_a_broken_body_is_named(encoding: str) -> None:
    with pytest.raises(BadBody, match=encoding):
        decompress(b"SELECT 1", encoding)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "lz4", "zstd"])
def test_a_body_that_swells_is_refused(encoding: str) -> None:
    with pytest.raises(BadBody, match="over"):
        decompress(compress(b" " * (MAX_BODY_OCTETS + 1), encoding), encoding)


def test_the_first_encoding_that_we_have_is_taken() -> None:
    assert choose_encoding("br, lz4;q=0, zstd, gzip") == "zstd"
    assert choose_encoding("identity") == ""


def test_clickhouses_code_is_found_in_its_words() -> None:
    message = "Query failed: Code: 60. DB::Exception: no table. (UNKNOWN_TABLE)"
    assert error_code(message) == 60
    assert error_text(60, message) == "Code: 60. DB::Exception: no table. (UNKNOWN_TABLE)\n"
    assert error_text(164, "no") == "Code: 164. DB::Exception: no.\n"


def test_an_error_that_the_engine_wrapped_in_itself_is_said_once() -> None:
    layer = "Code: 73. DB::Exception: "
    nested = f"{layer}{layer}Unknown format Bogus. (UNKNOWN_FORMAT) (version 26.9.2.1). (UNKNOWN_FORMAT)"
    assert error_text(73, nested) == f"{layer}Unknown format Bogus. (UNKNOWN_FORMAT) (version 26.9.2.1)\n"


@pytest.mark.parametrize(("code", "status"), [(60, 404), (62, 400), (164, 403), (159, 408), (202, 503), (1001, 500)])
def test_a_code_has_its_status(code: int, status: int) -> None:
    assert http_status(code) == status


def test_an_empty_native_block_names_its_columns() -> None:
    assert empty_native([("a", "UInt8")]) == b"\x01\x00\x01a\x05UInt8"
