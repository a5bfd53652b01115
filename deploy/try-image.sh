#!/usr/bin/env bash
# Builds the image from a static program of this tree and runs it as compose.yaml does: read-only, without capabilities, as
# a user of its own, on a volume that another user wrote. Needs cargo, and a Docker engine with BuildKit.
#
#   deploy/try-image.sh [DIRECTORY WITH issuecommand]      without one the program is built first, which takes minutes
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOCKER_BUILDKIT=1

host="$(rustc -vV | sed -n 's/^host: //p')"
built="${1:-}"
if [ -z "$built" ]; then
  target="${CARGO_TARGET_DIR:-target}/static"
  RUSTFLAGS="-C target-feature=+crt-static" CARGO_TARGET_DIR="$target" \
    cargo build --release --locked --target "$host" -p issuecommand
  built="$target/$host/release"
fi

work="$(mktemp -d)"
name="issuecommand-try-$$"
finish() {
  docker rm -f "$name" >/dev/null 2>&1 || true
  docker volume rm -f "$name" >/dev/null 2>&1 || true
  docker image rm -f "$name" >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT

mkdir "$work/dist"
cp "$built/issuecommand" /etc/ssl/certs/ca-certificates.crt "$work/dist/"
docker build -q -f deploy/Dockerfile --build-arg SOURCE=prebuilt -t "$name" "$work" >/dev/null
echo "image: $(docker image inspect -f '{{.Size}}' "$name") bytes, user $(docker image inspect -f '{{.Config.User}}' "$name")"

hardened=(--read-only --cap-drop ALL --security-opt no-new-privileges --network "${TRY_NETWORK:-host}" -v "$name:/app/data" --tmpfs /tmp)
settings=(-e GITHUB_TOKEN=try -e API_KEY=try-key -e HTTP_HOST=127.0.0.1 -e HTTP_PORT="${TRY_PORT:-3177}" -e GITHUB_API_URL=http://127.0.0.1:9)

# As the old container may have left it: the superuser's.
docker run --rm --user 0:0 -v "$name:/app/data" --network none -e GITHUB_TOKEN=x "$name" adopt /app/data --owner 0:0
if docker run --rm "${hardened[@]}" "${settings[@]}" "$name" backup /app/data/none.db >/dev/null 2>&1; then
  echo "a folder of the superuser could be written" && exit 1
fi
docker run --rm --user 0:0 --read-only --cap-drop ALL --cap-add CHOWN --cap-add DAC_OVERRIDE --cap-add FOWNER \
  --security-opt no-new-privileges --network none -v "$name:/app/data" "$name" adopt /app/data --owner 10001:10001
echo "adopted"

docker run -d --name "$name" "${hardened[@]}" "${settings[@]}" "$name" >/dev/null
for _ in $(seq 100); do
  if docker exec "$name" issuecommand health >/dev/null 2>&1; then healthy=yes && break; fi
  sleep 0.2
done
[ "${healthy:-}" = yes ] || { docker logs "$name" && exit 1; }
docker exec "$name" issuecommand health
docker exec "$name" issuecommand key create try >/dev/null 2>&1 && echo "keys can be made in it"
began="$(date +%s%N)"
docker stop -t 20 "$name" >/dev/null
echo "stopped in $((($(date +%s%N) - began) / 1000000)) ms with $(docker inspect -f '{{.State.ExitCode}}' "$name")"
[ "$(docker inspect -f '{{.State.ExitCode}}' "$name")" = 0 ]
