"""Changes of appraisals: calls, marks, values, findings, workbooks, rounds without a survey, the closing."""
