"""Making a new scheme: what is asked, and the folder that comes of it.

In: answers, from a terminal or a file. Out: a folder that passes `minping scheme check` and `scheme
test`, or nothing at all. `answers` is what can be said, `ask` asks it, `build` and `papers` make the
files, `folder` puts them in place.
"""
