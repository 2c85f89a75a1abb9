#!/usr/bin/env bash
# Puts `sbomgate` into the folder that is named: a released binary, checked by its SHA-256, or one that is built from
# the source beside this script, which is as pinned as this script is.
#
#   SBOMGATE_URL     where the binary is; without it the source is built
#   SBOMGATE_SHA256  what its bytes must be; there is no download without it
set -euo pipefail

into=${1:?usage: install.sh FOLDER}
url=${SBOMGATE_URL:-}
sha256=${SBOMGATE_SHA256:-}
source=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
mkdir -p -- "$into"

if [[ -z $url ]]; then
  echo "sbomgate: building from the source of this revision" >&2
  into=$(cd -- "$into" && pwd)
  # Not where the pull request is checked out: its rust-toolchain.toml and .cargo/config.toml would say what cargo is.
  (cd -- "$source" && cargo install --locked --quiet --path "$source" --root "$into/built")
  mv -- "$into/built/bin/sbomgate" "$into/sbomgate"
  exit 0
fi
if [[ $url != https://* ]]; then
  echo "sbomgate: the binary is fetched over https alone, not from: $url" >&2
  exit 2
fi
if [[ ! $sha256 =~ ^[0-9a-f]{64}$ ]]; then
  echo "sbomgate: a download needs its SHA-256, 64 small hexadecimal digits" >&2
  exit 2
fi
fetched=$(mktemp -- "$into/fetched.XXXXXX")
trap 'rm -f -- "$fetched"' EXIT
curl --fail --silent --show-error --location --proto '=https' --proto-redir '=https' --max-time 300 --output "$fetched" -- "$url"
if ! printf '%s  %s\n' "$sha256" "$fetched" | sha256sum --check --status -; then
  echo "sbomgate: what was fetched is not what the SHA-256 says; nothing is installed" >&2
  exit 2
fi
chmod 755 -- "$fetched"
mv -- "$fetched" "$into/sbomgate"
