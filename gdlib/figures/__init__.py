"""The book's live figures: one module per chapter, one function per figure.

The first argument of each is the SymPy expression the figure is about, so that a reader can try
another. What two chapters share (an empty canvas, contours, checks) is in `canvas`.
"""
