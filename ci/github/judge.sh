#!/usr/bin/env bash
# Judges the pull request and leaves the reports in a folder. Ends with 0 whatever the verdict is: the last step of the
# action fails by it, once the comment is there.
#
#   SBOMGATE         the program
#   BASE, HEAD       revisions; what HEAD adds to their merge base is judged, by the policy of BASE
#   ARGUMENTS        further arguments of `sbomgate diff`, one a line
#   ADVISORIES       "true": fill the store of advisories before
#   REPORTS          the folder for the reports
set -euo pipefail

: "${SBOMGATE:?}" "${REPORTS:?}" "${GITHUB_OUTPUT:?}"
base=${BASE:-}
head=${HEAD:-HEAD}
mkdir -p -- "$REPORTS"

for revision in "$base" "$head"; do
  # It would be read as an option, or as a range of its own.
  if [[ -z $revision || $revision == -* || $revision == *..* || $revision == *$'\n'* ]]; then
    echo "::error::sbomgate: base and head each need one revision; outside of pull requests name them"
    echo "code=2" >>"$GITHUB_OUTPUT"
    exit 0
  fi
done

arguments=()
while IFS= read -r argument; do
  if [[ -n $argument ]]; then arguments+=("$argument"); fi
done <<<"${ARGUMENTS:-}"

code=0
if [[ ${ADVISORIES:-} == true ]]; then
  "$SBOMGATE" advisories update || code=2
fi
if [[ $code -eq 0 ]]; then
  "$SBOMGATE" diff ${arguments[@]+"${arguments[@]}"} "$base...$head" -f github \
    -o "markdown=$REPORTS/comment.md" -o "step-summary=$REPORTS/summary.md" -o "sarif=$REPORTS/sbomgate.sarif" \
    -o "json=$REPORTS/sbomgate.json" -o "approval-manifest=$REPORTS/approvals.json" -o "html=$REPORTS/sbomgate.html" || code=$?
fi
# An end that the program does not know (a signal, say) is no verdict.
case $code in 0 | 1 | 2 | 3) ;; *) code=2 ;; esac
if [[ ! -s $REPORTS/comment.md ]]; then
  code=2
  printf '### ❓ sbomgate: could not judge\n\nThere is no report; the log of the job says why.\n' >"$REPORTS/comment.md"
fi
if [[ ! -s $REPORTS/summary.md ]]; then cp -- "$REPORTS/comment.md" "$REPORTS/summary.md"; fi
if [[ -n ${GITHUB_STEP_SUMMARY:-} ]]; then cat -- "$REPORTS/summary.md" >>"$GITHUB_STEP_SUMMARY"; fi

verdicts=(allow deny could-not-judge needs-approval)
{
  echo "code=$code"
  echo "verdict=${verdicts[$code]}"
  echo "reports=$REPORTS"
  if [[ -s $REPORTS/sbomgate.sarif ]]; then echo "sarif=$REPORTS/sbomgate.sarif"; fi
} >>"$GITHUB_OUTPUT"
