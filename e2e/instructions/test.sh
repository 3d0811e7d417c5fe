#!/usr/bin/env bash
# The CPU instructions that an entry costs, which no other work on the machine changes.
# shellcheck source=e2e/lib.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lib.bash"
cd "$top"

build -c opt @rules_image_layers_tool//layer/benches:hot
hot=$work/hot
cp "$(bazel cquery -c opt --output=files @rules_image_layers_tool//layer/benches:hot 2>/dev/null)" "$hot"

# instructions PART ROUNDS
instructions() {
  valgrind --tool=callgrind --callgrind-out-file=/dev/null "$hot" "$@" 2>&1 >/dev/null |
    sed -n 's/.*Collected : //p'
}

# per_entry PART LIMIT
per_entry() {
  local few many cost
  few=$(instructions "$1" 1)
  many=$(instructions "$1" 11)
  # A round is 1000 entries.
  cost=$(((many - few) / 10000))
  echo "instructions: $1: $cost an entry (limit: $2)"
  [ "$cost" -gt 100 ] || fail "$1: $cost an entry is too few to be true"
  [ "$cost" -le "$2" ] || fail "$1: $cost an entry are more than $2; see what made it dearer, or say why here"
}

per_entry parse 4000
per_entry headers 4000
