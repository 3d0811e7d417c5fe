import alpha

print(alpha.VALUE)
