"""Rules about places that know no database: levels, covariates, household counts, shapes, tiles."""
