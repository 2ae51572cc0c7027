"""The framing model: one network that marks framing and needs in notes and reads frames and elements of sentences."""
