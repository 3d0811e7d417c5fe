letters
