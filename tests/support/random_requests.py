"""Random requests for the twins: what a client, a scanner or a broken proxy might send, and what they may ask for."""

from typing import NamedTuple
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st


class Request(NamedTuple):
    """What goes over the wire, the same to both apps."""

    path: str
    method: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"]
WAITING = ["weather", "sun", "city"]
PLACES = ["97201/us", "10115/DE", "SW1A%201AA/gb", "100-0001/jp"]
ZIP_CODES = ["97201", "00000", "97201-1234", "SW1A%201AA"]
COUNTRIES = ["us", "US", "zz", "usa"]
WORDS = ["api", "weather", "sun", "city", "events", "health", "Portland", "OR"]
# Without what a server itself refuses before an app sees it, such as `#`, `*` or a method in lower case.
HOSTILE = [
    *("", ".", "..", "%00", "%2F", "%2e%2e", "%25", "%C3%A9", "%FF", "%0A", "%zz", "%"),
    *(";a=b", "'", '"<>', "[:", "+", "x" * 300),
]
HEADERS = {
    "Accept": ["text/html", "*/*;q=0"],
    "Content-Type": ["application/json", "multipart/form-data"],
    "Cookie": ["session=x", "=;=\xff"],
    "Host": ["a..b", "a b", "[::1", "example.com:99999", "\xe9", "x" * 70],
    "If-None-Match": ["*"],
    "Range": ["bytes=0-0"],
    "X-Forwarded-Host": ["elsewhere"],
    "X-HTTP-Method-Override": ["DELETE"],
    "X-Request-Id": ["1-2", "a b", "\xe9", "x" * 200, ""],
}


def _quoted(data: bytes) -> str:
    return quote_from_bytes(data, safe="~!$&'()*+,=:@")


def _path(start: str, end: str, query: str) -> str:
    return start + end + query


def _wild(segments: list[str]) -> str:
    return "/" + "/".join(segments)


def _may_come_once(header: tuple[str, str]) -> object:
    """Let only the id come twice: servers refuse some of the others."""
    name, _ = header
    return header if name == "X-Request-Id" else name


_segments = st.sampled_from(HOSTILE + WORDS) | st.binary(max_size=6).map(_quoted)
_zip_codes = st.sampled_from(ZIP_CODES) | _segments
_countries = st.sampled_from(COUNTRIES) | _segments
_routes = st.one_of(
    st.sampled_from(["/", "/health", "/api/events/Portland/OR/us"]),
    st.builds("/api/{}/{}".format, st.sampled_from(WAITING), st.sampled_from(PLACES)),
    st.builds("/api/{}/{}/{}".format, st.sampled_from(WAITING), _zip_codes, _countries),
    st.builds("/api/events/{}/{}/{}".format, _segments, _segments, _countries),
    st.lists(_segments, max_size=6).map(_wild),
)
_queries = st.just("") | st.binary(max_size=12).map(lambda data: "?" + _quoted(data))
_headers = st.lists(
    st.sampled_from([(name, value) for name, values in HEADERS.items() for value in values]),
    max_size=4,
    unique_by=_may_come_once,
).map(tuple)

any_requests = st.builds(
    Request,
    st.builds(_path, _routes, st.sampled_from(["", "", "", "", "/", "//"]), _queries),
    st.just("GET") | st.sampled_from(METHODS),
    _headers,
    st.just(b"") | st.sampled_from([b"{}", b"\xff" * 100]),
)
# Each with an id, because it is by the id that the stub decides which calls a fault hits.
waiting_requests = st.builds(
    Request,
    st.builds("/api/{}/{}".format, st.sampled_from(WAITING), st.sampled_from(PLACES)),
    st.sampled_from(["GET", "GET", "GET", "HEAD"]),
    st.builds("{}-{}".format, st.integers(0, 299), st.integers(0, 99)).map(lambda name: (("X-Request-Id", name),)),
    st.just(b""),
)
