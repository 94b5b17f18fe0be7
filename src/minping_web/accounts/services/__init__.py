"""Writes of accounts: managing them, one-time links, sessions, secrets of second factors."""

from minping_web.accounts import rules
from minping_web.accounts.services.factors import (
    bind_secrets,
    open_secret,
    own_secrets,
    register_secrets,
    seal_secret,
)
from minping_web.accounts.services.links import redeem_link
from minping_web.accounts.services.managing import (
    ACTS,
    Outcome,
    carry_link,
    carry_reset,
    close_earlier_ways,
    create_invented,
    create_user,
    describe,
    disable,
    enable,
    issue_link,
    reset_factor,
    set_subject,
    unlock,
)
from minping_web.accounts.services.sessions import (
    end_sessions,
    forget_old_sign_ins,
    forget_ways_in,
    password_was_changed,
    remember_sign_in,
)

__all__ = [
    "ACTS",
    "Outcome",
    "bind_secrets",
    "carry_link",
    "carry_reset",
    "close_earlier_ways",
    "create_invented",
    "create_user",
    "describe",
    "disable",
    "enable",
    "end_sessions",
    "forget_old_sign_ins",
    "forget_ways_in",
    "issue_link",
    "open_secret",
    "own_secrets",
    "password_was_changed",
    "redeem_link",
    "register_secrets",
    "remember_sign_in",
    "reset_factor",
    "rules",
    "seal_secret",
    "set_subject",
    "unlock",
]
