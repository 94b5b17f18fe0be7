"""Changes of coaching: opened by a publication, changed by the office, answered by the worker."""
