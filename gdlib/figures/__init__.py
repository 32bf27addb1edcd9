"""The book's live figures: one module a chapter, one function a figure.

The first argument of each is the SymPy expression the figure is about, so that a reader can put
in another. What two chapters share (an empty canvas, contours, checks) is in `canvas`.
"""
