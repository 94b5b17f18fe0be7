"""Changes of assessments: asking for a run and carrying it out."""
