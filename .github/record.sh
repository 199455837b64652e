#!/usr/bin/env bash
# Appends the digests of the archives in dist/ to the table from which the action installs.
# shellcheck source=action/lib.sh
source "$(dirname "$0")/../action/lib.sh"

table=action/releases.tsv
tab=$(printf '\t')
if grep -q "^$VERSION$tab" "$table"; then
  echo "error: $table has $VERSION already" >&2
  exit 1
fi
sources=$(sources_sha256 .)
for archive in dist/overdue-v"$VERSION"-*.tar.gz; do
  [ -f "$archive" ] || { echo "error: no archive of $VERSION in dist" >&2; exit 1; }
  target=${archive#dist/overdue-v"$VERSION"-}
  printf '%s\t%s\t%s\t%s\n' "$VERSION" "${target%.tar.gz}" "$(sha256 <"$archive")" "$sources" >>"$table"
done
cat "$table"
