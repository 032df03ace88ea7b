"""A stub as a server of its own: HTTP/1.1 with kept connections, a thread for each.

The standard library's server spends more on parsing headers than the stub does on a small
request, and cannot close a connection in place of an answer; this one does only what the
clients of an API need.
"""

import socket
import sys
import traceback
from io import BufferedIOBase, BytesIO
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIApplication, WSGIEnvironment

MAX_LINE = 65_536
"""Bytes of a request or header line; longer ones end the connection."""


class AnswerDropped(ConnectionError):
    """The connection dies without an answer; whether the request was applied is not said."""


class Server:
    """A stub that listens; leaving the context, or ``close()``, ends every connection."""

    def __init__(self, tcp: "_Tcp") -> None:
        self._tcp = tcp
        self.port: int = tcp.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = Thread(target=tcp.serve_forever, args=(0.05,), name="stub")
        self._thread.daemon = True
        self._thread.start()

    def close(self) -> None:
        """Stop listening and end the connections; a second call does nothing.

        Does not wait for requests in hand: a scripted wait may be longer than anyone's patience.
        """
        self._tcp.shutdown()
        self._tcp.end_connections()
        self._tcp.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def serve_app(app: WSGIApplication, port: int = 0) -> Server:
    """Listen on the loopback interface; port 0 finds a free one (``Server.port``).

    An application that raises ``AnswerDropped`` has its connection closed in place of an answer.
    """
    return Server(_Tcp(app, port))


class _Tcp(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, app: WSGIApplication, port: int) -> None:
        self.app = app
        self._open: set[socket.socket] = set()
        self._guard = Lock()
        super().__init__(("127.0.0.1", port), _Connection)

    def opened(self, connection: socket.socket) -> None:
        with self._guard:
            self._open.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._guard:
            self._open.discard(connection)

    def end_connections(self) -> None:
        with self._guard:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:  # the client was faster
                    continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent about clients that hang up; tell of everything else."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Connection(StreamRequestHandler):
    """One kept connection: requests are answered in turn until somebody closes it."""

    disable_nagle_algorithm = True
    rbufsize = 65_536
    server: _Tcp

    def setup(self) -> None:
        super().setup()
        self.server.opened(self.connection)

    def finish(self) -> None:
        self.server.closed(self.connection)
        super().finish()

    def handle(self) -> None:
        while True:
            try:
                environ = _read(self.rfile, self.connection)
            except ValueError:
                self.connection.sendall(_BAD)
                return
            if environ is None or not self._answer(environ):
                return

    def _answer(self, environ: WSGIEnvironment) -> bool:
        """Answer one request and say whether the connection is kept."""
        head: list[bytes] = []

        def start(status: str, headers: list[tuple[str, str]], _exc: object = None) -> Any:
            lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
            head.append("\r\n".join(lines).encode("latin-1"))

        try:
            body = b"".join(self.server.app(environ, start))
        except AnswerDropped:
            return False
        except Exception:  # noqa: BLE001 - a defect of the stub must not look like a dropped answer
            traceback.print_exc()
            head, body = [b"HTTP/1.1 500 Internal Server Error"], b""

        keep: bool = environ.get("HTTP_CONNECTION", "").lower() != "close"
        ending = b"\r\n\r\n" if keep else b"\r\nconnection: close\r\n\r\n"
        if b"content-length" not in head[-1].lower():
            ending = b"\r\ncontent-length: %d" % len(body) + ending
        self.connection.sendall(head[-1] + ending + body)
        return keep


_BAD = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


def _read(stream: BufferedIOBase, connection: socket.socket) -> WSGIEnvironment | None:
    """Read one request; ``None`` if the client has closed the connection instead.

    Raises:
        ValueError: this is not a request the server understands.

    """
    line = stream.readline(MAX_LINE)
    if not line:
        return None
    method, target, protocol = line.decode("latin-1").split()
    path, _, query = target.partition("?")
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": str(connection.getsockname()[1]),
        "SERVER_PROTOCOL": protocol,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    _read_headers(stream, environ)
    environ["wsgi.input"] = BytesIO(_read_body(stream, connection, environ))
    return environ


def _read_headers(stream: BufferedIOBase, environ: WSGIEnvironment) -> None:
    while line := stream.readline(MAX_LINE).decode("latin-1").rstrip("\r\n"):
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError(line)
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        environ[key] = value.strip()


def _read_body(
    stream: BufferedIOBase,
    connection: socket.socket,
    environ: WSGIEnvironment,
) -> bytes:
    if "HTTP_TRANSFER_ENCODING" in environ:
        raise ValueError("a body needs a Content-Length")
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length and environ.get("HTTP_EXPECT", "").lower() == "100-continue":
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    body = stream.read(length) if length else b""
    if len(body) < length:
        raise ValueError("the body ended early")
    return body
