# What the scripts share. Sourced, not run.
# shellcheck shell=bash
set -euo pipefail

# Prints the SHA-256 of standard input.
sha256() {
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1
}

# Sets an output of the step. What follows a line break in a value would be another output.
output() {
  printf '%s=%s\n' "$1" "$(printf '%s' "$2" | tr '\r\n' '  ')" >>"$GITHUB_OUTPUT"
}

# Text for a workflow command.
escaped() {
  local text=${1//%/%25}
  text=${text//$'\r'/%0D}
  printf '%s' "${text//$'\n'/%0A}"
}

warning() {
  printf '::warning title=overdue::%s\n' "$(escaped "$1")"
}

fail() {
  printf '::error title=overdue::%s\n' "$(escaped "$1")"
  exit 2
}

# Prints the digest of what the program is built from, below a folder.
sources_sha256() {
  (cd "$1" && find Cargo.toml Cargo.lock src advisories-cache -type f | LC_ALL=C sort | while IFS= read -r file; do
    printf '%s %s\n' "$file" "$(sha256 <"$file")"
  done | sha256)
}

# Prints a table's rows, without its comments.
rows() {
  grep -v '^#' "$1" || true
}

# Prints the targets of a scan, a line each, from the lines of two inputs; blanks at the ends of lines do not count.
targets() {
  local line
  printf '%s\n%s\n' "$1" "$2" | while IFS= read -r line; do
    line=${line%$'\r'}
    line="${line#"${line%%[![:space:]]*}"}"
    line="${line%"${line##*[![:space:]]}"}"
    if [ -n "$line" ]; then printf '%s\n' "$line"; fi
  done
}

# Runs a command whose output is other people's text: no line of it is read as a workflow command.
guarded() {
  local token code=0
  token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  printf '::stop-commands::%s\n' "$token"
  "$@" 2>&1 || code=$?
  # Also where the last line has no end.
  printf '\n::%s::\n' "$token"
  return "$code"
}

# Whether an input is `true`; anything but `true` and `false` is a mistake.
is_true() {
  case $2 in
    true) return 0 ;;
    false) return 1 ;;
    *) fail "the input '$1' is '$2', and must be 'true' or 'false'" ;;
  esac
}
