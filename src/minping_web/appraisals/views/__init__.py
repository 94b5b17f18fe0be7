"""Pages of appraisals. Decisions are the services'; no page shows one rater's marks to somebody else."""
