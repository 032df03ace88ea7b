"""A stand-in for Email Bison: the slice of its public API that uploads contacts.

It imports nothing of ours and shares no code with the client it is there to test. Talk to
``BisonStub().app`` in process, or to ``serve(stub)`` over the loopback interface.
"""

from contracts.bison.stub.bison import BisonStub
from contracts.bison.stub.faults import Fault
from contracts.bison.stub.server import serve
from contracts.bison.stub.switches import Switches
from contracts.serving import AnswerDropped, Server

__all__ = ["AnswerDropped", "BisonStub", "Fault", "Server", "Switches", "serve"]
