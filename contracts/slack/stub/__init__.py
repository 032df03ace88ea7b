"""A stand-in for Slack: the slice of its Web API that posts messages and finds them again.

It imports nothing of ours. Talk to ``SlackStub().app`` in process, or to ``serve(stub)`` over the
loopback interface.
"""

from contracts.serving import AnswerDropped, Server, serve_app
from contracts.slack.stub.faults import Fault
from contracts.slack.stub.slack import SlackStub


def serve(stub: SlackStub, port: int = 0) -> Server:
    """Listen on the loopback interface; port 0 finds a free one (``Server.port``)."""
    return serve_app(stub.app, port)


__all__ = ["AnswerDropped", "Fault", "Server", "SlackStub", "serve"]
