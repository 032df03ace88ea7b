"""A stand-in for a verification provider with a bulk API.

It imports nothing of ours. Talk to ``VerifierStub().app`` in process, or to ``serve(stub)`` over
the loopback interface.
"""

from contracts.serving import AnswerDropped, Server, serve_app
from contracts.verifier.stub.faults import Fault
from contracts.verifier.stub.verifier import VerifierStub


def serve(stub: VerifierStub, port: int = 0) -> Server:
    """Listen on the loopback interface; port 0 finds a free one (``Server.port``)."""
    return serve_app(stub.app, port)


__all__ = ["AnswerDropped", "Fault", "Server", "VerifierStub", "serve"]
