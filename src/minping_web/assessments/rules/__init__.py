"""Words of an assessment: states of a run, the closed lists of the engine."""
