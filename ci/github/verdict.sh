#!/usr/bin/env bash
# Fails by the verdict. What could not be judged always fails.
#
#   CODE      the exit code of `sbomgate diff`
#   FAIL_ON   needs-approval (the usual) or deny
set -euo pipefail

case ${FAIL_ON:-needs-approval} in
  needs-approval | deny) ;;
  *)
    echo "::error::sbomgate: fail-on is needs-approval or deny"
    exit 2
    ;;
esac
case ${CODE:-2} in
  0) echo "sbomgate: allowed" ;;
  1)
    echo "sbomgate: denied"
    exit 1
    ;;
  3)
    echo "sbomgate: needs approval; the report has the commands"
    if [[ ${FAIL_ON:-needs-approval} == needs-approval ]]; then exit 3; fi
    ;;
  *)
    echo "sbomgate: could not judge"
    exit 2
    ;;
esac
