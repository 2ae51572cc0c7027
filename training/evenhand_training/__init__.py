"""From the annotated corpus to a released model: corpus, splits, network, fit, calibrate, evaluate, export.

May import `evenhand` and the packages of the `training` extra; nothing in `evenhand` may import this.
"""
