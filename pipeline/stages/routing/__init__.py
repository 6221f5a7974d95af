"""Routing: state of recipients and messages, choice of carrier, the fold of outcomes, receipts and replies."""

from pipeline.stages.routing.stage import Routing

__all__ = ["Routing"]
