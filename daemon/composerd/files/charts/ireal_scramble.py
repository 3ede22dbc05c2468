"""Encodes and decodes the obfuscated music of iReal Pro's `irealb://` links."""

from __future__ import annotations

PREFIX = "1r34LbKcu7"
"""first characters of obfuscated music"""
BLOCK = 50
"""length of the blocks that are mirrored [characters]"""


def unscrambled(music: str) -> str:
    """Decode obfuscated music: blocks of 50 characters are partly mirrored, three texts are substituted."""
    clear = _mirrored(music)
    return clear.replace("XyQ", "   ").replace("LZ", " |").replace("Kcl", "| x")


def scrambled(music: str) -> str:
    """Encode music, the inverse of `unscrambled`, without the substitutions, which only shorten the text."""
    return PREFIX + _mirrored(music)


def _mirrored(music: str) -> str:
    """Mirror blocks of 50 characters in part; the function is its own inverse."""
    blocks = []
    while len(music) > BLOCK:
        block, music = music[:BLOCK], music[BLOCK:]
        blocks.append(block if len(music) < 2 else _block(block))
    return "".join(blocks) + music


def _block(block: str) -> str:
    back = block[::-1]
    return back[:5] + block[5:10] + back[10:24] + block[24:26] + back[26:40] + block[40:45] + back[45:]
