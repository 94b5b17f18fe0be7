"""Worked examples of a scheme, run through the ordinary assessment on snapshots made for the purpose."""

from minping_engine.assessment.examples.run import Line, example_result, run_examples
from minping_engine.assessment.examples.written import Example, read_example

__all__ = ["Example", "Line", "example_result", "read_example", "run_examples"]
