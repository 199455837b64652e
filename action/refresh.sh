#!/usr/bin/env bash
# Downloads the advisories and builds their indexes. What cannot be had is said; the scan goes on with what is there,
# and calls itself incomplete if that is too old.
# shellcheck source=action/lib.sh
source "$(dirname "$0")/lib.sh"

export_base=https://storage.googleapis.com/osv-vulnerabilities
native=https://github.com/rustsec/advisory-db/archive/refs/heads/main.tar.gz

folder=$(mktemp -d "$RUNNER_TEMP/overdue-download.XXXXXX")
trap 'rm -rf "$folder"' EXIT

sources=()
missing=0

# download FILE ADDRESS: into the folder, as a source of the import.
download() {
  mkdir -p "$(dirname "$folder/$1")"
  if curl --fail --location --silent --show-error --retry 3 --max-time 300 --output "$folder/$1" "$2"; then
    sources+=("$folder/${1%%/*}")
  else
    rm -f "$folder/$1"
    missing=$((missing + 1))
    warning "cannot download $2; the scan uses the advisories at hand"
  fi
}

for ecosystem in crates.io PyPI; do
  download "$ecosystem/all.zip" "$export_base/$ecosystem/all.zip"
done
download advisory-db-main.tar.gz "$native"

if [ ${#sources[@]} -eq 0 ]; then
  output refreshed false
elif "$PROGRAM" db import --db "$DB_FOLDER" "${sources[@]}"; then
  # Half of it is no reason to skip the next refresh.
  if [ "$missing" -eq 0 ]; then output refreshed true; else output refreshed false; fi
else
  warning 'the downloaded advisories could not be imported; the scan uses those at hand'
  output refreshed false
fi
