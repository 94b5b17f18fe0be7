"""Pages of previews and objections."""
