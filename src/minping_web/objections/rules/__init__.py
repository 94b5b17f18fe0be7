"""Pure rules of previews and objections."""
