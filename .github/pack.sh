#!/usr/bin/env bash
# Builds the program for TARGET and packs it as the release's archive for VERSION into dist/.
set -euo pipefail

known=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
if [ "$VERSION" != "$known" ]; then
  echo "error: Cargo.toml says $known, not $VERSION" >&2
  exit 1
fi

rustup target add "$TARGET"
cargo build --release --locked --bin overdue --target "$TARGET"

name=overdue
program=target/$TARGET/release/overdue
case $TARGET in *windows*) name=overdue.exe program=$program.exe ;; esac
# What does not start is not released; the other Mac's programs start here only by luck.
if [ "$TARGET" != x86_64-apple-darwin ]; then "$program" --version; fi
folder=$(mktemp -d)
cp "$program" README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT "$folder/"
mkdir -p dist
tar -czf "dist/overdue-v$VERSION-$TARGET.tar.gz" -C "$folder" "$name" README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT
