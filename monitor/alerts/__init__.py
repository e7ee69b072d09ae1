"""Alerts: who hears what, when, in which words."""
