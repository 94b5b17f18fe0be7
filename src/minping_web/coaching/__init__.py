"""Coaching plans, training that fits, and whether it helped."""
