print("help")
