"""The carriers' local stand-in: answers for any number, and pushes what happens, in compressed time."""
