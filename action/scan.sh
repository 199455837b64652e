#!/usr/bin/env bash
# Scans, writes the reports, the outputs and the summary. Its own exit code is 0: the verdict comes after the upload.
# shellcheck source=action/lib.sh
source "$(dirname "$0")/lib.sh"

reports=$(mktemp -d "$RUNNER_TEMP/overdue-reports.XXXXXX")
sarif=$reports/overdue.sarif
json=$reports/overdue.json

arguments=(scan --offline --db "$DB_FOLDER")
if [ -n "$INPUT_FAIL_ON" ]; then arguments+=(--fail-on "$INPUT_FAIL_ON"); fi
arguments+=(--output "sarif=$sarif" --output "json=$json" --output "outputs=$reports/outputs")
arguments+=(--output "markdown=$reports/summary.md" --output "github=$reports/annotations")
if [ -n "$INPUT_POLICY" ]; then arguments+=(--policy "$INPUT_POLICY"); fi
if is_true supported "$INPUT_SUPPORTED" && [ -z "$NEW_SINCE" ]; then arguments+=(--supported); fi
if [ -n "$INPUT_CATEGORY" ]; then arguments+=(--sarif-category "$INPUT_CATEGORY"); fi
if [ -n "$NEW_SINCE" ]; then arguments+=(--new-since "$NEW_SINCE"); fi
if is_true allow-unchecked "$INPUT_ALLOW_UNCHECKED"; then arguments+=(--allow-unchecked); fi
arguments+=(--)
while IFS= read -r target; do
  arguments+=("$target")
done < <(targets "$INPUT_PATHS" "$INPUT_IMAGE")

scan() {
  local code=0
  "$PROGRAM" "${arguments[@]}" 2>"$reports/messages" || code=$?
  cat "$reports/messages"
  return "$code"
}

code=0
guarded scan || code=$?
# Without a report nothing was scanned, whatever the program says.
if [ "$code" -eq 0 ] && [ ! -s "$reports/outputs" ]; then code=2; fi
output exit-code "$code"

notes=()
if [ -n "$REFRESH_NOTE" ]; then notes+=("$REFRESH_NOTE"); fi
if [ -n "$UPLOAD_NOTE" ]; then notes+=("$UPLOAD_NOTE"); fi
uploaded=$UPLOAD
if [ -s "$reports/outputs" ]; then
  cat "$reports/outputs" >>"$GITHUB_OUTPUT"
  output sarif-file "$sarif"
  output json-file "$json"
  withheld=$(sed -n 's/^withheld=//p' "$reports/outputs")
  if [ -n "$withheld" ] && [ "$UPLOAD" = true ]; then
    notes+=("Not uploaded to code scanning, which takes an alert that is missing for a fixed one: $withheld")
    uploaded=false
  fi
else
  # Without a report there is nothing that may be called clean.
  output complete false
  output uploadable false
  uploaded=false
  notes+=("There is no report: $(grep -A 4 '^error' "$reports/messages" || tail -n 5 "$reports/messages")")
fi

# Code scanning annotates what is uploaded.
annotate=$ANNOTATIONS
if [ "$annotate" = auto ]; then
  if [ "$uploaded" = true ]; then annotate=false; else annotate=true; fi
fi
if [ "$annotate" = true ] && [ -s "$reports/annotations" ]; then
  cat "$reports/annotations"
fi
# After the annotations, of which a step has room for ten of a kind.
for note in ${notes[@]+"${notes[@]}"}; do
  warning "$note"
done

if is_true summary "$INPUT_SUMMARY"; then
  {
    if [ -s "$reports/summary.md" ]; then cat "$reports/summary.md"; else printf '## overdue: no report\n'; fi
    if [ ${#notes[@]} -gt 0 ]; then printf '\n### Notes\n'; fi
    for note in ${notes[@]+"${notes[@]}"}; do
      # As a block of code, in which nothing is markup.
      printf '\n    %s\n' "$(printf '%s' "$note" | tr '\r\n' '  ')"
    done
  } >>"$GITHUB_STEP_SUMMARY"
fi
