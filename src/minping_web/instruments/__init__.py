"""Questionnaires: items, answers, versions."""
