"""Slack, as somebody who posts messages to one channel and can find them again."""

from maverick_adapters.slack.sink import SlackSink

__all__ = ["SlackSink"]
