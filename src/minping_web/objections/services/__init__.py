"""Changes of previews and objections: open, file, check, decide, leave out, carry out, forget evidence."""
