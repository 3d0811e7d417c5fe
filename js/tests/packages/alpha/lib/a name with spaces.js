spaces
