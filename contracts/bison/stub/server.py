"""The stub as a server of its own."""

from contracts.bison.stub.bison import BisonStub
from contracts.serving import Server, serve_app


def serve(stub: BisonStub, port: int = 0) -> Server:
    """Listen on the loopback interface; port 0 finds a free one (``Server.port``)."""
    return serve_app(stub.app, port)
