"""Pictures as SVG text, made from arrays and words by pure functions.

In: points of one comparison group, or drivers; words of `texts/fairness.yaml`. Out: one `<svg>` to stand
inside a page: no script, no outside font, no name and no id of a person. Shapes differ besides colours,
so that a copy in grey says the same. What cannot be drawn is said in words inside the picture.
"""
