#!/usr/bin/env bash
# Downloads the advisories and builds their indexes. An index is replaced only by one of all its sources: half of them
# would lose what the other half knew. What cannot be had is said; the scan goes on with what is there, and calls itself
# incomplete if that is too old.
# shellcheck source=action/lib.sh
source "$(dirname "$0")/lib.sh"

export_base=https://storage.googleapis.com/osv-vulnerabilities
native=https://github.com/rustsec/advisory-db/archive/refs/heads/main.tar.gz

folder=$(mktemp -d "$RUNNER_TEMP/overdue-download.XXXXXX")
trap 'rm -rf "$folder"' EXIT
note=''

# download FILE ADDRESS: into the folder.
download() {
  mkdir -p "$(dirname "$folder/$1")"
  if ! curl --fail --location --silent --show-error --retry 3 --max-time 300 --output "$folder/$1" "$2"; then
    rm -f "$folder/$1"
    note="The advisories were not all refreshed: cannot download $2"
    return 1
  fi
}

sources=()
if download crates.io/all.zip "$export_base/crates.io/all.zip" && download advisory-db-main.tar.gz "$native"; then
  sources+=("$folder/crates.io" "$folder/advisory-db-main.tar.gz")
fi
if download PyPI/all.zip "$export_base/PyPI/all.zip"; then
  sources+=("$folder/PyPI")
fi

if [ ${#sources[@]} -gt 0 ] && ! guarded "$PROGRAM" db import --db "$DB_FOLDER" "${sources[@]}"; then
  note='The advisories were not refreshed: what was downloaded could not be imported'
fi
output note "$note"
if [ -n "$note" ]; then
  warning "$note. The scan uses the advisories at hand, and is incomplete if they are too old."
  # What is half refreshed is no reason to skip the next refresh.
  output refreshed false
else
  output refreshed true
fi
