#!/bin/sh
# Puts the fixtures' lockfiles, each with the manifest beside it, where the targets begin.
set -eu
cd "$(dirname "$0")/.."
seed() {
    mkdir -p "fuzz/seeds/$1"
    find "fixtures/read/$2" -name "$3" -size -64k | while read -r lockfile; do
        name=$(printf %s "$lockfile" | tr -c 'a-zA-Z0-9\n' -)
        { cat "$lockfile"; printf '\0'; cat "$(dirname "$lockfile")/$4" 2>/dev/null || true; } >"fuzz/seeds/$1/$name"
    done
}
seed bun_lock bun-lock bun.lock package.json
seed cargo_lock cargo-lock Cargo.lock Cargo.toml
seed package_lock package-lock package-lock.json package.json
seed pnpm_lock pnpm-lock pnpm-lock.yaml package.json
seed requirements_txt requirements-txt requirements.txt requirements.in
seed yarn_berry yarn-berry yarn.lock package.json
seed yarn_classic yarn-classic yarn.lock package.json
seed uv_lock uv-lock uv.lock pyproject.toml
seed pipfile_lock pipfile-lock Pipfile.lock Pipfile
seed pylock_toml pylock-toml pylock.toml pyproject.toml
seed poetry_lock poetry-lock poetry.lock pyproject.toml
seed pdm_lock pdm-lock pdm.lock pyproject.toml
seed cyclonedx cyclonedx "bom*" none
seed spdx spdx "bom*" none
mkdir -p fuzz/seeds/diff
for case in fixtures/diff/*/; do
    [ -f "$case/base/package-lock.json" ] && [ -f "$case/head/package-lock.json" ] || continue
    { cat "$case/base/package-lock.json"; printf '\0'; cat "$case/head/package-lock.json"; } >"fuzz/seeds/diff/$(basename "$case")"
done
mkdir -p fuzz/seeds/vex
for file in fixtures/policy/*vex*/base/.sbomgate/vex.json; do
    cp "$file" "fuzz/seeds/vex/$(basename "${file%/base/*}").json"
done
