"""Rules of results: pictures as numbers, blocks of other apps, stages of a result."""
