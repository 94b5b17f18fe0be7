"""Pages of coaching for the office and for the worker."""
