"""A strict stand-in for Stripe on loopback: the part of its HTTP API that the site uses, with test cards and webhooks.

It is a program of its own, started by ``python -m marketplace.sandbox``, and needs neither Django nor the network. No
money moves.
"""
