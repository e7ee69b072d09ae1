"""Matching: topics against articles, with evidence."""
