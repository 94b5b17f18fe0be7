"""Pages of questionnaires: lists, the editor, making and freezing, spreadsheets."""
