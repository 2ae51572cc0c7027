"""Go on fitting a released model on coded texts of one's own, with guard rails, a report and gates.

Rows of one's own teach severity, issues and, where they are coded, assertion and frame. They never teach the level: a
person's level of a text says where that person's area puts its bar, and the model's bar is the national one, fitted to
what many areas published. The network's latent severity, which levels are read off, moves with severity; cut-points and
calibration stay those of the base model.
"""
