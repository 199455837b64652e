#!/usr/bin/env bash
# Decides which program to run, which advisories to bring back, what counts as new and whether to upload.
# shellcheck source=action/lib.sh
source "$(dirname "$0")/lib.sh"

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

# The row of a release for this machine: by its version, or by what it was built from.
release() {
  rows "$GITHUB_ACTION_PATH/action/releases.tsv" |
    awk -F '\t' -v column="$1" -v value="$2" -v target="$(target)" '$column == value && $2 == target' | tail -n 1
}

plan_program() {
  local version=${INPUT_VERSION#v} sources row='' key known
  sources=$(sources_sha256 "$GITHUB_ACTION_PATH")
  case $version in
    source) ;;
    '') row=$(release 4 "$sources") ;;
    *)
      row=$(release 1 "$version")
      if [ -z "$row" ]; then
        known=$(rows "$GITHUB_ACTION_PATH/action/releases.tsv" | cut -f 1 | uniq | tr '\n' ' ')
        fail "there is no release '$version' for $RUNNER_OS $RUNNER_ARCH in this version of the action; 'version: source' builds the program, and the releases known are: $known"
      fi
      ;;
  esac
  if [ -n "$row" ]; then
    key=$(cut -f 3 <<<"$row")
    output source release
    # What was chosen because it is the same can also be built.
    if [ -z "$version" ]; then output fallback true; else output fallback false; fi
    output version "$(cut -f 1 <<<"$row")"
    output target "$(target)"
    output sha256 "$key"
  else
    key=$sources
    output source build
  fi
  key=${key:0:16}
  # A folder and a key of their own for each program, the system that it was built on included.
  output program-folder "$RUNNER_TEMP/overdue-program-$key"
  output program-key "overdue-program-$RUNNER_OS-$RUNNER_ARCH-${ImageOS:-unknown}-$key"
  # Indexes are the program's own; a slot is six hours, so that a new one is made as often, from the newest there is.
  local moment slot
  moment=$(date -u +%Y%m%d%H)
  slot=${moment:0:8}-$((10#${moment:8:2} / 6))
  output db-folder "${OVERDUE_DB:-$RUNNER_TEMP/overdue-advisories-$key}"
  output db-key "overdue-advisories-$RUNNER_OS-$key-$slot"
  output db-restore-key "overdue-advisories-$RUNNER_OS-$key-"
}

# The folders of the targets, a line each.
folders() {
  local target any=
  while IFS= read -r target; do
    any=true
    if [ -d "$target" ]; then printf '%s\n' "$target"; else dirname -- "$target"; fi
  done < <(targets "$INPUT_PATHS" "$INPUT_IMAGE")
  if [ -z "$any" ]; then echo .; fi
}

# The folder of the first target, which is in the checkout that counts.
checkout() {
  folders | sed -n 1p
}

# commit NAME [FOLDER]: a commit of a checkout; nothing where there is none of that name.
commit() {
  git -C "${2:-$(checkout)}" rev-parse --verify --quiet --end-of-options "$1^{commit}" 2>/dev/null || true
}

# The revision that a pull request, a group of a merge queue or a push started from; empty where everything counts.
# What cannot be found is left to the program, which says what to do about it.
new_since() {
  local head
  head=$(commit HEAD)
  case $GITHUB_EVENT_NAME in
    pull_request | pull_request_target | pull_request_review | pull_request_review_comment)
      if [ "$GITHUB_EVENT_NAME" = pull_request_target ] && [ "$head" = "$GITHUB_SHA" ]; then
        fail "new-only: on 'pull_request_target' the base is checked out, in which nothing is new; use the event 'pull_request'"
      fi
      if [ -n "$HEAD_SHA" ] && [ "$(commit 'HEAD^2')" = "$HEAD_SHA" ]; then
        # The merge of the base and the pull request, as actions/checkout has it by default.
        commit 'HEAD^1'
      elif [ "$head" = "$GITHUB_SHA" ] && [ "$GITHUB_EVENT_NAME" != pull_request_target ]; then
        # The same, but cut off from its parents.
        echo 'HEAD^1'
      else
        git -C "$(checkout)" merge-base "$BASE_SHA" HEAD 2>/dev/null || echo "$BASE_SHA"
      fi
      ;;
    merge_group) echo "$QUEUE_BASE_SHA" ;;
    push)
      # A new branch has nothing before it, and what a forced push threw away is not there any more.
      if [ -n "${BEFORE_SHA//0/}" ]; then
        if [ -n "$(commit "$BEFORE_SHA")" ] || is_shallow; then echo "$BEFORE_SHA"; fi
      fi
      ;;
  esac
}

is_shallow() {
  [ "$(git -C "$(checkout)" rev-parse --is-shallow-repository 2>/dev/null || echo true)" = true ]
}

# Why this run cannot upload, or must not; empty where it can.
no_upload() {
  local folder head
  case $GITHUB_EVENT_NAME in
    pull_request_target)
      echo 'Not uploaded to code scanning: on pull_request_target the results would be taken for those of the base branch.'
      return
      ;;
    pull_request | pull_request_review | pull_request_review_comment)
      if [ "$HEAD_REPOSITORY" != "$GITHUB_REPOSITORY" ]; then
        echo 'Not uploaded to code scanning: a pull request from a fork has no right to.'
        return
      fi
      ;;
    *)
      if [ "$GITHUB_ACTOR" = 'dependabot[bot]' ]; then
        echo "Not uploaded to code scanning: Dependabot has no right to, but on 'pull_request'."
        return
      fi
      ;;
  esac
  # An upload counts for the event's commit, so another one's results would replace that one's.
  while IFS= read -r folder; do
    head=$(commit HEAD "$folder")
    case $head in
      '' | "$GITHUB_SHA") ;;
      *)
        if [ "$head" != "$HEAD_SHA" ]; then
          echo "Not uploaded to code scanning: $head is checked out, and the results would be taken for those of $GITHUB_SHA."
          return
        fi
        ;;
    esac
  done < <(folders)
}

case $INPUT_ANNOTATIONS in
  auto | true | false) ;;
  *) fail "the input 'annotations' is '$INPUT_ANNOTATIONS', and must be 'auto', 'true' or 'false'" ;;
esac
# What is mistyped fails before anything is downloaded.
is_true allow-unchecked "$INPUT_ALLOW_UNCHECKED" || true
is_true summary "$INPUT_SUMMARY" || true

plan_program

if is_true new-only "$INPUT_NEW_ONLY"; then
  since=$(new_since) || { printf '%s\n' "$since"; exit 2; }
  output new-since "$since"
  if [ -z "$since" ]; then
    echo "This event ($GITHUB_EVENT_NAME) has nothing to compare with: everything counts."
  fi
fi

upload=false
if is_true upload-sarif "$INPUT_UPLOAD_SARIF"; then
  note=$(no_upload)
  output upload-note "$note"
  if [ -z "$note" ]; then upload=true; fi
fi
output upload "$upload"
output annotations "$INPUT_ANNOTATIONS"

if is_true offline "$INPUT_OFFLINE"; then output refresh false; else output refresh true; fi
# Indexes of one's own are not replaced by cached ones.
if is_true db-cache "$INPUT_DB_CACHE" && [ -z "${OVERDUE_DB:-}" ]; then output db-cache true; else output db-cache false; fi
