#!/usr/bin/env bash
# Scans, writes the reports, the outputs and the summary. Its own exit code is 0: the verdict comes after the upload.
# shellcheck source=action/lib.sh
source "$(dirname "$0")/lib.sh"

reports=$(mktemp -d "$RUNNER_TEMP/overdue-reports.XXXXXX")
sarif=$reports/overdue.sarif
json=$reports/overdue.json

arguments=(scan --offline --db "$DB_FOLDER" --fail-on "$INPUT_FAIL_ON")
arguments+=(--output "sarif=$sarif" --output "json=$json" --output "outputs=$reports/outputs")
arguments+=(--output "markdown=$reports/summary.md" --output "github=$reports/annotations")
if [ -n "$INPUT_POLICY" ]; then arguments+=(--policy "$INPUT_POLICY"); fi
if [ -n "$INPUT_CATEGORY" ]; then arguments+=(--sarif-category "$INPUT_CATEGORY"); fi
if [ -n "$NEW_SINCE" ]; then arguments+=(--new-since "$NEW_SINCE"); fi
if is_true allow-unchecked "$INPUT_ALLOW_UNCHECKED"; then arguments+=(--allow-unchecked); fi

# A target a line, blanks at its ends left out.
targets=()
while IFS= read -r line; do
  line=${line%$'\r'}
  line="${line#"${line%%[![:space:]]*}"}"
  line="${line%"${line##*[![:space:]]}"}"
  if [ -n "$line" ]; then targets+=("$line"); fi
done <<<"$INPUT_PATHS"$'\n'"$INPUT_IMAGE"
if [ ${#targets[@]} -eq 0 ]; then targets=(.); fi

# Names in the report are other people's text: no line of it is read as a workflow command.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "::stop-commands::$token"
code=0
"$PROGRAM" "${arguments[@]}" -- "${targets[@]}" 2>"$reports/messages" || code=$?
cat "$reports/messages"
echo "::$token::"

output exit-code "$code"
note=$UPLOAD_NOTE
if [ -s "$reports/outputs" ]; then
  cat "$reports/outputs" >>"$GITHUB_OUTPUT"
  output sarif-file "$sarif"
  output json-file "$json"
  withheld=$(sed -n 's/^withheld=//p' "$reports/outputs")
  if [ -n "$withheld" ] && [ "$UPLOAD" = true ]; then
    note="Not uploaded to code scanning, which would take the alerts of a file that was not read for fixed: $withheld"
  fi
else
  # Without a report there is nothing that may be called clean.
  output complete false
  output uploadable false
  note="There is no report: $(tail -n 5 "$reports/messages")"
fi
if [ -n "$note" ]; then warning "$note"; fi

if [ "$ANNOTATE" = true ] && [ -s "$reports/annotations" ]; then
  cat "$reports/annotations"
fi

if is_true summary "$INPUT_SUMMARY"; then
  {
    if [ -s "$reports/summary.md" ]; then cat "$reports/summary.md"; else printf '## overdue: no report\n'; fi
    if [ -n "$note" ]; then
      # As a block of code, in which nothing is markup.
      printf '\n%s\n\n    %s\n' '### Note' "$(printf '%s' "$note" | tr '\r\n' '  ')"
    fi
  } >>"$GITHUB_STEP_SUMMARY"
fi
