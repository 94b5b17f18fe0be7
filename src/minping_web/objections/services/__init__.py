"""Changes of previews and objections."""
