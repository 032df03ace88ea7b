"""A token goes to Email Bison and to nobody who only says so."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from maverick_adapters.bison import HttpBison
from maverick_core.pipeline.upload.answers import Accepted, Unavailable
from tests.adapters.bison.scene import Scene, lead


class Quiet(WSGIRequestHandler):
    """Writes no log."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Threaded(ThreadingMixIn, WSGIServer):
    """Waits for nobody when it is closed."""

    daemon_threads = True


@pytest.fixture
def own_certificate(tmp_path: Path, scene: Scene) -> Path:
    """Return a certificate for 127.0.0.1 that nobody vouches for, with its key in the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bison.example")])
    now = scene.clock.now()
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=3650))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.fixture
def over_tls(scene: Scene, own_certificate: Path) -> Iterator[str]:
    """Serve the scene's stub over TLS with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own_certificate)
    with make_server("127.0.0.1", 0, scene.stub.app, Threaded, Quiet) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"https://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_certificate_that_nobody_vouches_for_gets_no_token(scene: Scene, over_tls: str) -> None:
    """Whoever answers there is not known to be Email Bison."""
    with closing(HttpBison(over_tls, scene.store)) as bison:
        answer = bison.sink(scene.workspace).push([lead()])

    assert answer == Unavailable("The certificate of Email Bison is not trusted.", reached=False)
    assert scene.stub.requests.total == 0


def test_the_same_server_is_fine_once_its_certificate_is_trusted(
    scene: Scene, over_tls: str, own_certificate: Path
) -> None:
    """The check above can fail."""
    trusting = ssl.create_default_context(cafile=own_certificate)
    bison = HttpBison(
        over_tls, scene.store, transports=lambda: httpx.HTTPTransport(verify=trusting)
    )
    with closing(bison):
        assert isinstance(bison.sink(scene.workspace).push([lead()]), Accepted)
