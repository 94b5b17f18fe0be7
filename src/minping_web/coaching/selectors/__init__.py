"""Reads of coaching: plans by scope, who could teach, training that fits, whether it helped."""
