"""Which language a text is in."""

# A score says how far a text is from a language's usual one; these hold for texts of a few hundred letters.
_LETTERS = 120
_SURE, _LIKELY = 330, 900
_GUESSES = 5


def language_of(text: str, declared: str = "") -> str:
    """ISO 639-1 code of a text's language: the declared one unless the text is clearly in another, "" where nothing tells.

    A declaration stands for languages that cannot be detected, for short texts, and where it is among the likely ones:
    neighbours such as Hindi and Marathi are told apart by their readers only.
    """
    from resiliparse.parse.lang import detect_fast, supported_langs

    sample = text[:20_000]
    if sum(character.isalpha() for character in sample) < _LETTERS:
        return declared
    if declared and _BASE.get(declared, declared) not in supported_langs():
        return declared
    found: list[tuple[str, int]] = detect_fast(sample, cutoff=_LIKELY, n_results=_GUESSES)  # type: ignore[assignment]  # its stub knows one result only
    guesses = [(code, score) for code, score in found if score <= _LIKELY]
    if not guesses or _BASE.get(declared, declared) in (code for code, _ in guesses):
        return declared or (guesses[0][0] if guesses else "")
    best, score = guesses[0]
    # Latin letters are shared by hundreds of languages, most of which cannot be detected.
    limit = _SURE if sum(character < "\u0250" for character in sample) > len(sample) // 2 else _LIKELY
    return best if score <= limit or not declared else declared


# Both written forms of Norwegian are detected as one language, and some codes are of old.
_BASE = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "sh": "sr", "bs": "hr", "cnr": "sr", "fil": "tl", "ms": "id", "zh": "zh"}
