#!/usr/bin/env bash
# The last step: fails the job as the program said, after everything was reported.
# shellcheck source=action/lib.sh
source "$(dirname "$0")/lib.sh"

case $EXIT_CODE in
  0) exit 0 ;;
  1) reason="the gate tripped (input 'fail-on')" ;;
  2) reason='the scan could not be run; its messages are in the step before' ;;
  3) reason="something was not checked, or the advisories are too old (input 'allow-unchecked')" ;;
  4) reason='the advisory index is damaged' ;;
  *) reason='the program did not end by itself' ;;
esac
printf '::error title=overdue::%s\n' "$(escaped "$reason")"
exit "${EXIT_CODE:-2}"
