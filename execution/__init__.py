"""Doing it: matching, paper and live brokers, and what follows an order until it is done."""
