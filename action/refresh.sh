#!/usr/bin/env bash
# Brings the advisory indexes up to date. The program replaces each index in one step, by one of all its sources, or
# leaves it as it was. What cannot be had is said; the scan goes on with what is there, and calls itself incomplete if
# that is too old.
# shellcheck source=action/lib.sh
source "$(dirname "$0")/lib.sh"

messages=$(mktemp "$RUNNER_TEMP/overdue-refresh.XXXXXX")
trap 'rm -f "$messages"' EXIT

# Several uses in one job, or in jobs that share a folder, ask once. Far less than the six hours of a slot: what is
# kept for a slot was checked shortly before it at the earliest.
arguments=(db update --db "$DB_FOLDER" --if-older 1h --ecosystem crates.io)
if [ -n "$INPUT_MIRROR" ]; then
  # In one word, which is never an option. A mirror need not have PyPI: it is taken where it is there.
  arguments+=("--from=$INPUT_MIRROR")
else
  arguments+=(--ecosystem PyPI)
fi

update() {
  local code=0
  "$PROGRAM" "${arguments[@]}" 2>"$messages" || code=$?
  cat "$messages"
  return "$code"
}

if guarded update; then
  output note ''
  output refreshed true
else
  # Why, but for words that are typed wrongly: an address may hold a password.
  cause=$(sed -n 's/^error: //p' "$messages" | grep -v '^invalid value' | head -n 5 | tr '\n' ';' || true)
  cause=${cause%;}
  note="The advisories were not all refreshed: ${cause//;/; }"
  if [ -z "$cause" ]; then note="The advisories were not refreshed: the log of the step 'Refresh the advisories' says why"; fi
  output note "$note"
  warning "$note. The scan uses the advisories at hand, and is incomplete if they are too old."
  # What is half refreshed is no reason to skip the next refresh.
  output refreshed false
fi
