"""Pages of assessments, for who assesses and who audits."""
