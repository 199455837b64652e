#!/usr/bin/env bash
# Appends the digests of the archives in dist/ to the table from which the action installs.
set -euo pipefail

table=action/releases.tsv
if grep -q "^$VERSION	" "$table"; then
  echo "error: $table has $VERSION already" >&2
  exit 1
fi
for archive in dist/overdue-v"$VERSION"-*.tar.gz; do
  [ -f "$archive" ] || { echo "error: no archive of $VERSION in dist" >&2; exit 1; }
  target=${archive#dist/overdue-v"$VERSION"-}
  printf '%s\t%s\t%s\n' "$VERSION" "${target%.tar.gz}" "$(sha256sum "$archive" | cut -d ' ' -f 1)" >>"$table"
done
cat "$table"
