"""Tables of channels: texts, providers, batches of messages, print runs, numbers that must be left alone."""

from minping_web.channels.models.batch import MessageBatch, NumberUse, OutgoingMessage
from minping_web.channels.models.numbers import UnsubscribedNumber
from minping_web.channels.models.printing import PrintRun
from minping_web.channels.models.provider import ChannelRules, DayCount, Provider
from minping_web.channels.models.text import MessageText, Signature, TextVersion

__all__ = [
    "ChannelRules",
    "DayCount",
    "MessageBatch",
    "MessageText",
    "NumberUse",
    "OutgoingMessage",
    "PrintRun",
    "Provider",
    "Signature",
    "TextVersion",
    "UnsubscribedNumber",
]
