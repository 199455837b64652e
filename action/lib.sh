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

# Whether an input is `true`; anything but `true` and `false` is a mistake.
is_true() {
  case $2 in
    true) return 0 ;;
    false) return 1 ;;
    *) fail "the input '$1' is '$2', and must be 'true' or 'false'" ;;
  esac
}
