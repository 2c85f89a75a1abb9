#!/usr/bin/env bash
# Writes the report into the pull request: one comment, which every run writes anew. A token that may not write (a pull
# request from a fork has none) is no error: the report stands in the summary of the step as well.
#
#   PULL           the number of the pull request
#   REPORT         the file with the comment
#   GITHUB_TOKEN, GITHUB_API_URL, GITHUB_REPOSITORY
set -euo pipefail

: "${REPORT:?}" "${GITHUB_REPOSITORY:?}"
pull=${PULL:-}
api=${GITHUB_API_URL:-https://api.github.com}/repos/$GITHUB_REPOSITORY
marker='<!-- sbomgate: dependencies -->'

if [[ ! $pull =~ ^[1-9][0-9]{0,18}$ ]]; then
  echo "sbomgate: this is no pull request, and gets no comment"
  exit 0
fi
if [[ -z ${GITHUB_TOKEN:-} ]]; then
  echo "::notice::sbomgate: no token, no comment: the report stands in the summary of the step"
  exit 0
fi

for program in curl python3; do
  if ! command -v "$program" >/dev/null; then
    echo "::warning::sbomgate: there is no $program, and no comment: the report stands in the summary of the step"
    exit 0
  fi
done

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT

# ask METHOD URL [FILE]: prints the status, and leaves the answer in $folder/answer. The token is on no command line.
ask() {
  local data=()
  if [[ -n ${3:-} ]]; then data=(--data-binary "@$3" --header 'Content-Type: application/json'); fi
  printf 'header = "Authorization: Bearer %s"\n' "$GITHUB_TOKEN" |
    curl --config - --silent --show-error --max-time 60 --request "$1" --header 'Accept: application/vnd.github+json' \
      --header 'X-GitHub-Api-Version: 2022-11-28' --output "$folder/answer" --write-out '%{http_code}' \
      ${data[@]+"${data[@]}"} -- "$2" || echo 000
}

# Python in isolation (-I): what the pull request has checked out here is on nobody's path.
marked='
import json, sys
comments = json.load(open(sys.argv[1], encoding="utf-8"))
print(len(comments))
for one in comments:
    if (one.get("user") or {}).get("type") == "Bot" and (one.get("body") or "").startswith(sys.argv[2]):
        print(one["id"])
'
body='
import json, sys
report = open(sys.argv[2], encoding="utf-8", errors="replace", newline="").read()
json.dump({"body": sys.argv[1] + "\n" + report}, sys.stdout)
'

# Of the comments that programs wrote, those that begin with the marker: a person could write it as well.
mine() {
  local page status told
  for page in 1 2 3 4 5 6 7 8 9 10; do
    status=$(ask GET "$api/issues/$pull/comments?per_page=100&page=$page")
    if [[ $status != 200 ]]; then return; fi
    told=$(python3 -I -c "$marked" "$folder/answer" "$marker") || return
    tail -n +2 <<<"$told"
    if [[ $(head -n 1 <<<"$told") -lt 100 ]]; then return; fi
  done
}

python3 -I -c "$body" "$marker" "$REPORT" >"$folder/body"

while IFS= read -r id; do
  if [[ ! $id =~ ^[0-9]+$ ]]; then continue; fi
  status=$(ask PATCH "$api/issues/comments/$id" "$folder/body")
  if [[ $status == 200 ]]; then
    echo "sbomgate: the comment is up to date"
    exit 0
  fi
done < <(mine)

status=$(ask POST "$api/issues/$pull/comments" "$folder/body")
case $status in
  201) echo "sbomgate: the comment is written" ;;
  401 | 403 | 404) echo "::notice::sbomgate: the token may not write a comment ($status; pull requests from forks have none that may): the report stands in the summary of the step" ;;
  *) echo "::warning::sbomgate: the comment could not be written ($status); the report stands in the summary of the step" ;;
esac
