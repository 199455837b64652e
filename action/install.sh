#!/usr/bin/env bash
# Installs the program: a release whose SHA-256 the action knows, or built from the action's own checkout.
# shellcheck source=action/lib.sh
source "$(dirname "$0")/lib.sh"

name=overdue
if [ "$RUNNER_OS" = Windows ]; then name=overdue.exe; fi
program=$PROGRAM_FOLDER/$name
mkdir -p "$PROGRAM_FOLDER"

build() {
  command -v cargo >/dev/null || fail "this action knows no release yet and builds the program, for which Rust must be installed (https://rustup.rs)"
  # Outside of the checkout, whose toolchain file and configuration are not ours; nor are the job's variables.
  (cd "$GITHUB_ACTION_PATH" && env -u CARGO_BUILD_TARGET -u CARGO_TARGET_DIR -u RUSTFLAGS -u RUSTUP_TOOLCHAIN cargo build --release --locked --bin overdue --target-dir "$RUNNER_TEMP/overdue-build") ||
    fail "the program could not be built"
  cp "$RUNNER_TEMP/overdue-build/release/$name" "$program"
  output built true
}

download() {
  local archive=$RUNNER_TEMP/overdue-program.tar.gz
  local asset="overdue-v$PROGRAM_VERSION-$PROGRAM_TARGET.tar.gz"
  local address="$GITHUB_SERVER_URL/$ACTION_REPOSITORY/releases/download/v$PROGRAM_VERSION/$asset"
  if ! curl --fail --location --silent --show-error --retry 3 --max-time 300 --output "$archive" "$address"; then
    if [ "$PROGRAM_FALLBACK" != true ]; then fail "cannot download $address"; fi
    warning "cannot download $address; the same is built from source"
    build
    return
  fi
  local found
  found=$(sha256 <"$archive")
  if [ "$found" != "$PROGRAM_SHA256" ]; then
    fail "$asset has the SHA-256 $found, and must have $PROGRAM_SHA256: it is not the file that was released"
  fi
  # By standard input: in the name of a Windows file, tar would take the drive for a host.
  (cd "$PROGRAM_FOLDER" && tar -xzf - "$name") <"$archive" || fail "$asset cannot be unpacked"
}

if [ "$PROGRAM_SOURCE" = release ]; then
  download
elif ! "$program" --version >/dev/null 2>&1; then
  # Not kept from an earlier run, or kept from a machine unlike this one.
  build
fi
"$program" --version
output program "$program"
