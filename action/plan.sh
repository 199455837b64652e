#!/usr/bin/env bash
# Decides which program to run, which advisories to bring back, what counts as new and whether to upload.
# shellcheck source=action/lib.sh
source "$(dirname "$0")/lib.sh"

action=$GITHUB_ACTION_PATH

target() {
  case "$RUNNER_OS-$RUNNER_ARCH" in
    Linux-X64) echo x86_64-unknown-linux-musl ;;
    Linux-ARM64) echo aarch64-unknown-linux-musl ;;
    macOS-X64) echo x86_64-apple-darwin ;;
    macOS-ARM64) echo aarch64-apple-darwin ;;
    Windows-X64) echo x86_64-pc-windows-msvc ;;
    *) echo unknown ;;
  esac
}

releases() {
  grep -v '^#' "$action/action/releases.tsv" || true
}

plan_program() {
  local version=$INPUT_VERSION row='' key
  version=${version#v}
  if [ -z "$version" ]; then
    version=$(releases | tail -n 1 | cut -f 1)
  fi
  if [ -n "$version" ] && [ "$version" != source ]; then
    row=$(releases | awk -F '\t' -v version="$version" -v target="$(target)" '$1 == version && $2 == target' | tail -n 1)
    if [ -z "$row" ]; then
      fail "there is no release '$version' for $RUNNER_OS $RUNNER_ARCH in this version of the action; 'version: source' builds the program, and the releases known are: $(releases | cut -f 1 | uniq | tr '\n' ' ')"
    fi
    key=$(cut -f 3 <<<"$row")
    output source release
    output version "$version"
    output target "$(target)"
    output sha256 "$key"
  else
    key=$(cd "$action" && find Cargo.toml Cargo.lock src advisories-cache -type f | LC_ALL=C sort | while IFS= read -r file; do
      printf '%s %s\n' "$file" "$(sha256 <"$file")"
    done | sha256)
    output source build
  fi
  key=${key:0:16}
  output program-folder "$RUNNER_TEMP/overdue-program"
  output program-key "overdue-program-$RUNNER_OS-$RUNNER_ARCH-$key"
  # Indexes are the program's own; a slot is six hours, so that a new one is made as often, from the newest there is.
  local slot
  slot=$(date -u +%Y%m%d)-$((10#$(date -u +%H) / 6))
  output db-folder "$RUNNER_TEMP/overdue-advisories"
  output db-key "overdue-advisories-$RUNNER_OS-$key-$slot"
  output db-restore-key "overdue-advisories-$RUNNER_OS-$key-"
}

# The revision that a pull request, a group of a merge queue or a push started from; empty where everything counts.
new_since() {
  case $GITHUB_EVENT_NAME in
    pull_request | pull_request_target | pull_request_review)
      if [ "$(git rev-parse HEAD 2>/dev/null)" != "$HEAD_SHA" ] && [ "$GITHUB_EVENT_NAME" != pull_request_target ]; then
        # The merge of the base and the pull request, as actions/checkout has it by default.
        echo 'HEAD^1'
      else
        git merge-base "$BASE_SHA" HEAD 2>/dev/null || echo "$BASE_SHA"
      fi
      ;;
    merge_group) echo "$QUEUE_BASE_SHA" ;;
    push)
      # A new branch has nothing before it.
      if [ -n "${BEFORE_SHA//0/}" ]; then echo "$BEFORE_SHA"; fi
      ;;
  esac
}

# Why this run's token cannot upload; empty where it can.
no_upload() {
  case $GITHUB_EVENT_NAME in
    pull_request | pull_request_review)
      if [ "$HEAD_REPOSITORY" != "$GITHUB_REPOSITORY" ]; then
        echo 'Not uploaded to code scanning: a pull request from a fork has no right to.'
      fi
      ;;
  esac
  if [ "$GITHUB_ACTOR" = 'dependabot[bot]' ]; then
    echo 'Not uploaded to code scanning: Dependabot has no right to.'
  fi
}

plan_program

if is_true new-only "$INPUT_NEW_ONLY"; then
  since=$(new_since)
  output new-since "$since"
  if [ -z "$since" ]; then
    echo "This event ($GITHUB_EVENT_NAME) has nothing to compare with: everything counts."
  fi
fi

upload=false
if is_true upload-sarif "$INPUT_UPLOAD_SARIF"; then
  note=$(no_upload | head -n 1)
  output upload-note "$note"
  if [ -z "$note" ]; then upload=true; fi
fi
output upload "$upload"

case $INPUT_ANNOTATIONS in
  # Code scanning annotates what is uploaded.
  auto) if [ "$upload" = true ]; then output annotate false; else output annotate true; fi ;;
  true | false) output annotate "$INPUT_ANNOTATIONS" ;;
  *) fail "the input 'annotations' is '$INPUT_ANNOTATIONS', and must be 'auto', 'true' or 'false'" ;;
esac

if is_true offline "$INPUT_OFFLINE"; then output refresh false; else output refresh true; fi
if is_true db-cache "$INPUT_DB_CACHE"; then output db-cache true; else output db-cache false; fi
